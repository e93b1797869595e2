from lipbuild.spec.field import Field
from lipbuild.spec.layers.elementwise import ElementwiseSpec
from lipbuild.spec.rounding import float32_up
from lipbuild.spec.shapes import Shape


class ELU(ElementwiseSpec):
    """x above zero and a·(eˣ − 1) below: constant max(1, a)."""

    alpha: float = Field(1.0, ge=0, le=1e6, description="a: how far the output goes below zero.")

    def gain(self, shape: Shape) -> float:
        """max(1, alpha)."""
        return max(1.0, float32_up(self.alpha))
