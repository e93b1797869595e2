from lipbuild.spec.field import Field
from lipbuild.spec.layers.elementwise import ElementwiseSpec
from lipbuild.spec.rounding import float32_up
from lipbuild.spec.shapes import Shape


class LeakyReLU(ElementwiseSpec):
    """x above zero and a·x below: constant max(1, a)."""

    negative_slope: float = Field(0.3, ge=0, le=1e6, description="a: the slope below zero.")

    def gain(self, shape: Shape) -> float:
        """max(1, negative_slope)."""
        return max(1.0, float32_up(self.negative_slope))
