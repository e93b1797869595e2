"""The functions of each value, and softmax."""

import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.activations import CONSTANTS
from lipbuild.network.rounding import float32_up
from lipbuild.network.shapes import Shape, ShapeError, format_shape, size_of
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import ActivationName, BiasInitializer
from lipbuild.network.specs.layer import Facts, LayerSpec

_Axis = Annotated[int, Field(ge=1, le=10)]


class ReLU(LayerSpec):
    """max(x, 0), with a slope a below zero: constant max(1, a)."""

    facts = Facts(
        constant="max(1, negative_slope)", exact=True, gradient="shrinks", rule="expansive-activations"
    )

    max_value: float | None = Field(None, ge=0, description="A ceiling, at which the output stays.")
    negative_slope: float = Field(0.0, ge=0, le=1e6, description="The slope below zero.")
    threshold: float = Field(0.0, description="Must be 0: any other makes ReLU jump.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """A function of constant max(1, negative_slope); of none with a threshold, at which it is discontinuous."""
        jumps = self.threshold != 0.0
        return (ops.Activation(math.inf if jumps else max(1.0, float32_up(self.negative_slope))),)


class LeakyReLU(LayerSpec):
    """x above zero and a·x below: constant max(1, a)."""

    facts = Facts(constant="max(1, negative_slope)", exact=True, gradient="shrinks")

    negative_slope: float = Field(0.3, ge=0, le=1e6, description="a: the slope below zero.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """A function of constant max(1, negative_slope)."""
        return (ops.Activation(max(1.0, float32_up(self.negative_slope))),)


class ELU(LayerSpec):
    """x above zero and a·(eˣ − 1) below: constant max(1, a)."""

    facts = Facts(constant="max(1, α)", exact=True, gradient="shrinks")

    alpha: float = Field(1.0, ge=0, le=1e6, description="a: how far the output goes below zero.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """A function of constant max(1, alpha)."""
        return (ops.Activation(max(1.0, float32_up(self.alpha))),)


class Softmax(LayerSpec):
    """exp(x) over the sum of exp(x) along an axis: constant ½."""

    facts = Facts(constant="½", exact=True, gradient="shrinks")

    axis: int = Field(-1, description="The dimension along which the outputs sum to 1, the batch being 0.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The softmax along the axis."""
        return (ops.Softmax(self.axis),)


class Activation(LayerSpec):
    """One of Keras's activation functions by name, of those whose constant is known and at most 1."""

    facts = Facts(constant="that of the function", exact=True, gradient="shrinks")

    activation: ActivationName = Field(description="The function's name, as Keras has it.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The function; of constant infinity where it has none."""
        constant = CONSTANTS[self.activation]
        return (ops.Activation(math.inf if constant is None else constant),)


class PReLUlip(ScaledSpec):
    """k·(max(x, 0) + a·min(x, 0)) with learned slopes a, held in [−1, 1]: constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="shrinks",
        cost="a product a value",
        keras="ReLU",
        in_place_of="PReLU",
        paper="He et al. 2015",
    )

    alpha_initializer: BiasInitializer = Field(
        "zeros", description="What the slopes start from, before they are clipped to [−1, 1]."
    )
    shared_axes: list[_Axis] | None = Field(
        None, description="The dimensions along which slopes are shared, the batch being 0; none if left out."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The function with its slopes, times k."""
        self.parameters(shapes[0])
        return ops.PReLU(), self.scale()

    def parameters(self, shape: Shape) -> int:
        """A slope for each value of a sample along the dimensions that are not shared.

        Raises:
            ShapeError: There is no fixed number of them.
        """
        axes = self.shared_axes or []
        if any(axis > len(shape) for axis in axes):
            raise ShapeError(
                f"an input of {format_shape(shape)} has the axes 1 to {len(shape)}, the batch being 0, and "
                f"not {max(axes)}",
                field="shared_axes",
            )
        number = size_of(tuple(1 if axis in axes else size for axis, size in enumerate(shape, 1)))
        if number is None:
            raise ShapeError(
                "`PReLUlip` has a slope for each value, so the sizes that are not shared must be fixed",
                field="shared_axes",
                help="share them: `shared_axes: [1, 2]` has one slope a channel of an image",
            )
        return number
