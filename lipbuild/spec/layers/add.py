from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from lipbuild.spec.layers.facts import Facts
from lipbuild.spec.layers.merge_spec import MergeSpec
from lipbuild.spec.rounding import sum_up
from lipbuild.spec.shapes import Shape


class Add(MergeSpec):
    """The sum of the inputs: its constant is the sum of theirs."""

    facts: ClassVar[Facts] = Facts(
        constant="ΣΛ of its inputs",
        exact=True,
        gradient="shared by the branches",
    )

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape that all inputs have."""
        return self.equal_shapes(shapes)

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """ΣΛ."""
        return sum_up(bounds)
