"""The activations that fold or reflect channels: every gradient keeps its norm."""

from collections.abc import Sequence

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.shapes import Shape, ShapeError, channels_of, format_shape
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import BiasInitializer
from lipbuild.network.specs.layer import Facts
from lipbuild.shares import share_of


class BetaAbs(ScaledSpec):
    """k·|x| on a share β of the channels, k·x on the others: constant exactly k (Hu et al. 2026)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="an absolute value",
        keras="ReLU",
        paper="Hu, Hu & Fredrikson 2026",
    )

    beta: float = Field(0.5, gt=0, le=1, description="The share of the channels, rounded to whole ones.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The first channels folded, times k."""
        channels = channels_of(shapes[0], self.kind)
        if not share_of(self.beta, channels):
            raise ShapeError(
                f"a share of {self.beta:g} of the {channels} channels of an input of {format_shape(shapes[0])} is "
                "none of them",
                field="beta",
                help="use a greater `beta`",
            )
        return ops.BetaAbs(), self.scale()


class Householder(ScaledSpec):
    """Pairs of channels beyond a learned line reflected at it, times k: constant k (Singla et al. 2022)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="two products a value",
        keras="ReLU",
        paper="Singla, Singla & Feizi 2022",
    )

    theta_initializer: BiasInitializer | None = Field(
        None, description="The initial angles of the lines. Default: π/2, which sorts pairs."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """Pairs reflected, times k; the last dimension must be even."""
        channels = channels_of(shapes[0], self.kind)
        if channels % 2:
            raise ShapeError(
                f"`Householder` pairs channels, and its input {format_shape(shapes[0])} has {channels} of them",
                help=f"give the layer before it {channels + 1} units (or filters)",
                rule="indivisible-group-sort",
            )
        return ops.Householder(), self.scale()

    def parameters(self, shape: Shape) -> int:
        """An angle a pair of channels."""
        return channels_of(shape, self.kind) // 2
