from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import float32_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.elementwise import ElementwiseSpec
from lipbuild.network.specs.facts import Facts


class LeakyReLU(ElementwiseSpec):
    """x above zero and a·x below: constant max(1, a)."""

    facts: ClassVar[Facts] = Facts(
        constant="max(1, negative_slope)",
        exact=True,
        gradient="shrinks",
    )

    negative_slope: float = Field(0.3, ge=0, le=1e6, description="a: the slope below zero.")

    def gain(self, shape: Shape) -> float:
        """max(1, negative_slope)."""
        return max(1.0, float32_up(self.negative_slope))
