from __future__ import annotations

from collections.abc import Sequence

from lipbuild.spec.layers.merge_spec import MergeSpec
from lipbuild.spec.rounding import sum_up
from lipbuild.spec.shapes import Shape


class Add(MergeSpec):
    """The sum of the inputs: its constant is the sum of theirs."""

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape that all inputs have."""
        return self.equal_shapes(shapes)

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """ΣΛ."""
        return sum_up(bounds)
