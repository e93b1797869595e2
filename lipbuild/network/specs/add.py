from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from lipbuild.network.rounding import sum_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.merge_spec import MergeSpec


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
