from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import float32_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.elementwise import ElementwiseSpec
from lipbuild.network.specs.facts import Facts


class ELU(ElementwiseSpec):
    """x above zero and a·(eˣ − 1) below: constant max(1, a)."""

    facts: ClassVar[Facts] = Facts(
        constant="max(1, α)",
        exact=True,
        gradient="shrinks",
    )

    alpha: float = Field(1.0, ge=0, le=1e6, description="a: how far the output goes below zero.")

    def gain(self, shape: Shape) -> float:
        """max(1, alpha)."""
        return max(1.0, float32_up(self.alpha))
