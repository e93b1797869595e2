"""The dense layers: x·W along the last axis."""

from typing import Annotated, Literal

from pydantic import Field

from lipbuild.network.operations import Dense
from lipbuild.network.rounding import mul_up, root_up
from lipbuild.network.shapes import Shape, ShapeError, known_shape
from lipbuild.network.specs.common import MatrixInitializer, Units
from lipbuild.network.specs.kernels import ConstrainedSpec, SpectralSpec
from lipbuild.network.specs.layer import Facts

_SHARED = ("units", "use_bias")


class DenseSpec(ConstrainedSpec):
    """The base of the layers that multiply the last dimension by a kernel."""

    units: Units = Field(description="The number of outputs.")

    def linear(self, shape: Shape) -> Dense:
        """A kernel whose norm is k."""
        return Dense(self.units, self.kernel_bound())

    def parameters(self, shape: Shape) -> int:
        """Width · units, and a bias."""
        (width,) = known_shape(shape[-1:])
        return width * self.units + (self.units if self.use_bias else 0)


class SpectralDense(DenseSpec, SpectralSpec):
    """y = k·xW + b with an orthogonal kernel W (all singular values 1): Lipschitz constant k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="4·max(n, m)·min(n, m)² a training step; none at inference",
        keras="Dense",
        shared=_SHARED,
        paper="Anil, Lucas & Grosse 2019; Björck & Bowie 1971",
    )

    kernel_initializer: MatrixInitializer = Field(  # type: ignore[assignment]
        "orthogonal", description="What the kernel starts from, before it is made orthogonal."
    )


class FrobeniusDense(DenseSpec):
    """y = k·xW + b with W divided by its Frobenius norm: constant at most k; column by column at most k·√units."""

    facts = Facts(
        constant="k; k·√units with `disjoint_neurons`",
        exact=False,
        gradient="shrinks, but for one output",
        cost="a norm a training step; none at inference",
        keras="Dense",
        shared=_SHARED,
        paper="Serrurier et al. 2021",
    )

    disjoint_neurons: bool = Field(
        True,
        description="Whether each column is divided by its own norm: each output by itself then has the "
        "constant k, all together up to k·√units, which is what counts.",
    )

    def kernel_bound(self) -> float:
        """k, or k·√units where the columns are normalised one by one: equal columns reach it."""
        bound = super().kernel_bound()
        return mul_up(bound, root_up(self.units)) if self.disjoint_neurons else bound

    def linear(self, shape: Shape) -> Dense:
        """A kernel each of whose columns has at most the norm k, normalised by itself or with the others."""
        return Dense(self.units, self.kernel_bound(), column=super().kernel_bound())


class OrthoDense(DenseSpec):
    """y = k·xW + b, W a block of the reflection I − 2V(VᵀV)⁻¹Vᵀ: constant k for every V (Lai et al. 2025)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="2·max(n, m)·rank² a training step, of a large layer in one of up to eight; none in exports",
        keras="Dense",
        shared=_SHARED,
        paper="Lai et al. 2025 (BRO)",
    )

    kernel_initializer: MatrixInitializer = Field(  # type: ignore[assignment]
        "glorot_normal",
        description="What V starts from. With `identity` and a `rank` W starts as the identity, of that many entries "
        "the negative.",
    )
    rank: Units | None = Field(
        None,
        description="The columns of V, at most the lesser of inputs and outputs: the fewer, the cheaper and the nearer "
        "to the identity. Where left out, as many as change W.",
    )

    def linear(self, shape: Shape) -> Dense:
        """A kernel whose norm is k."""
        self._columns(shape)
        return super().linear(shape)

    def parameters(self, shape: Shape) -> int:
        """The greater of width and units, times V's columns, and a bias."""
        (width,) = known_shape(shape[-1:])
        return max(width, self.units) * self._columns(shape) + (self.units if self.use_bias else 0)

    def _columns(self, shape: Shape) -> int:
        (width,) = known_shape(shape[-1:])
        lesser = min(width, self.units)
        if self.rank is None:
            return max(1, min(max(width, self.units) // 2, lesser))
        if self.rank > lesser:
            raise ShapeError(
                f"`{self.kind}` has a rank of {self.rank}, and {width} inputs and {self.units} outputs",
                field="rank",
                help=f"use at most {lesser}, since more columns change nothing",
            )
        return self.rank


class AOLDense(DenseSpec):
    """y = k·xWD + b, D the diagonal of (Σ|WᵀW|)^(−½): constant at most k for all weights (Prach & Lampert 2022)."""

    facts = Facts(
        constant="k",
        exact=False,
        gradient="shrinks; less if W is nearly orthogonal",
        cost="max(n, m)·min(n, m)² a call; none in exports",
        keras="Dense",
        shared=_SHARED,
        paper="Prach & Lampert 2022",
    )


class LastLayerNormalized(DenseSpec):
    """y_i = k·x·w_i/‖w_i‖ + b_i, each output alone of constant k: all together constant k·√units."""

    facts = Facts(
        constant="k·√units; k of each output alone",
        exact=False,
        gradient="shrinks",
        cost="a norm a training step; none at inference",
        keras="Dense",
        shared=_SHARED,
        in_place_of="Dense as the last layer",
        paper="Singla, Singla & Feizi 2022",
    )

    def kernel_bound(self) -> float:
        """k·√units, which equal columns reach."""
        return mul_up(super().kernel_bound(), root_up(self.units))

    def linear(self, shape: Shape) -> Dense:
        """A kernel each of whose columns has the norm k."""
        return Dense(self.units, self.kernel_bound(), column=super().kernel_bound())


class LInfDense(DenseSpec):
    """y = k·xW + b with Σ_i |W_ij| ≤ 1 for each output j, or |W_ij| ≤ 1: constant k of each output (greatest norm)."""

    facts = Facts(
        constant="k·√units; k of each output in the greatest norm",
        exact=False,
        gradient="shrinks",
        cost="a sum of magnitudes a training step; none at inference",
        keras="Dense",
        shared=_SHARED,
        in_place_of="Dense, where each column of a table is stated by itself",
        paper="Anil, Lucas & Grosse 2019; Kitouni, Nolte & Williams 2023",
    )
    holds_columns = True

    input_norm: Literal["linf", "l1"] = Field(
        "linf",
        description="`linf`: the magnitudes of the weights of an output add up to at most k. `l1`, for the first "
        "layer: no weight is larger than k, so that no output moves by more than k where one input moves by 1.",
    )
    column_penalty: Annotated[float, Field(ge=0, le=1e6)] = Field(
        0.0,
        description="What is added to the loss for each input, times the largest of its weights: columns that do "
        "not matter lose theirs.",
    )

    def linear(self, shape: Shape) -> Dense:
        """A kernel whose weights, or their sums, are at most k: its norm is at most k·√units, or √inputs times that."""
        (width,) = known_shape(shape[-1:])
        k = self.kernel_bound()
        if self.input_norm == "l1":
            return Dense(
                self.units, mul_up(k, root_up(self.units * width)), mul_up(k, root_up(width)), entries=k
            )
        return Dense(self.units, mul_up(k, root_up(self.units)), k, sums=k)
