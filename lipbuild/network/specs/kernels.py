"""The bases of the layers with one trained kernel whose norm is held."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from lipbuild.network.activations import CONSTANTS
from lipbuild.network.operations import Activation, Operation
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.coefficients import BudgetedSpec
from lipbuild.network.specs.common import BiasInitializer, KernelInitializer, OwnActivation

_Positive = Annotated[float, Field(gt=0)]
_Times = Annotated[int, Field(ge=1, le=10_000)]
_SETTINGS = ("eps_spectral", "eps_bjorck", "beta_bjorck", "maxiter_spectral", "maxiter_bjorck")


class ConstrainedSpec(BudgetedSpec):
    """The base of the layers with a trained kernel whose spectral norm is held at `k_coef_lip`."""

    activation: OwnActivation | None = Field(
        None,
        description="An activation applied to the output; its constant counts. `GroupSort2` and its like become a "
        "layer that follows, where this one has no `name`.",
    )
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: KernelInitializer = Field(
        "orthogonal", description="What the kernel starts from, before it is made orthogonal."
    )
    bias_initializer: BiasInitializer = Field("zeros", description="What the bias starts from.")

    @property
    def activation_constant(self) -> float:
        """The constant of the activation; infinite where it has none."""
        constant = CONSTANTS[self.activation] if self.activation is not None else 1.0
        return math.inf if constant is None else constant

    def linear(self, shape: Shape) -> Operation:
        """The linear map, with the norm that is promised for it.

        Raises:
            ShapeError: It cannot take this shape.
        """
        raise NotImplementedError

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The linear map, and an activation."""
        linear = self.linear(shapes[0])
        return (linear,) if self.activation is None else (linear, Activation(self.activation_constant))


class SpectralSpec(ConstrainedSpec):
    """The base of the layers whose reshaped kernel is kept orthogonal by Björck steps."""

    eps_spectral: _Positive | None = Field(
        None, description="Relative tolerance of the norm bound. Default: that of the class."
    )
    eps_bjorck: _Positive | None = Field(
        None, description="Tolerance of the orthogonalisation. Default: that of the class."
    )
    beta_bjorck: Annotated[float, Field(gt=0, le=0.5)] | None = Field(
        None, description="Step of the orthogonalisation, at most ½. Default: that of the class."
    )
    maxiter_spectral: _Times | None = Field(
        None, description="Most steps of the norm bound. Default: that of the class."
    )
    maxiter_bjorck: _Times | None = Field(
        None, description="Most steps of the orthogonalisation. Default: that of the class."
    )

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them, without the settings that are left to it."""
        return {k: v for k, v in super().arguments().items() if k not in _SETTINGS or v is not None}


class SpectralConvolutionSpec(SpectralSpec):
    """The base of the convolutions of which the reshaped kernel is kept orthogonal, or the operator nearly so."""

    norm: Literal["kernel", "operator"] = Field(
        "kernel",
        description="Whose norm is held at k: that of the reshaped kernel, which is a rough bound of the "
        "convolution's, or the convolution's own, which certifies more.",
    )


def check_groups(layer: str, groups: int, channels: int, filters: int) -> None:
    """Let through groups that divide the channels on both sides.

    Raises:
        ShapeError: They do not.
    """
    for what, number in (("input channels", channels), ("filters", filters)):
        if number % groups:
            raise ShapeError(
                f"the {groups} groups of `{layer}` must divide its {number} {what}",
                field="groups",
                help=f"use a divisor of {channels} and {filters}",
            )


def check_steps(layer: str, strides: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    """Let through a stride or a dilation, not both: TensorFlow has no such convolution.

    Raises:
        ShapeError: Both differ from 1.
    """
    if max(strides) > 1 and max(dilation) > 1:
        raise ShapeError(
            f"`{layer}` takes `strides` or `dilation_rate`, and here both differ from 1",
            field="dilation_rate",
            help="remove one of them",
        )
