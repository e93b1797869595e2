from __future__ import annotations

from collections.abc import Sequence

from lipbuild.spec.layers.merge_spec import MergeSpec
from lipbuild.spec.rounding import sum_up
from lipbuild.spec.shapes import Shape, ShapeError


class Subtract(MergeSpec):
    """The first input minus the second: its constant is the sum of theirs."""

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
