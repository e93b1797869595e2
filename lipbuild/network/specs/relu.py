from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import float32_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class ReLU(LayerSpec):
    """max(x, 0), with a slope a below zero: constant max(1, a)."""

    facts: ClassVar[Facts] = Facts(
        constant="max(1, negative_slope)",
        exact=True,
        gradient="shrinks",
    )

    max_value: float | None = Field(None, ge=0, description="A ceiling, at which the output stays.")
    negative_slope: float = Field(0.0, ge=0, le=1e6, description="The slope below zero.")
    threshold: float = Field(0.0, description="Must be 0: any other makes ReLU jump.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape

    def gain(self, shape: Shape) -> float:
        """max(1, negative_slope); infinite with a threshold, at which the function is discontinuous."""
        if self.threshold != 0.0:
            return float("inf")
        return max(1.0, float32_up(self.negative_slope))
