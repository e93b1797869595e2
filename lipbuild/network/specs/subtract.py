from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from lipbuild.network.rounding import sum_up
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.merge_spec import MergeSpec


class Subtract(MergeSpec):
    """The first input minus the second: its constant is the sum of theirs."""

    facts: ClassVar[Facts] = Facts(
        constant="Λ₁ + Λ₂ of its inputs",
        exact=True,
        gradient="shared by the branches",
    )

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape that both inputs have."""
        if len(shapes) > 2:
            raise ShapeError(
                f"`Subtract` takes two inputs, and this one reads {len(shapes)}",
                field="inputs",
                help="name two: `Subtract: {inputs: [a, b]}`",
            )
        return self.equal_shapes(shapes)

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """Λ₁ + Λ₂."""
        return sum_up(bounds)
