from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import norm_up
from lipbuild.network.shapes import Shape, ShapeError, format_shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.merge_spec import MergeSpec


class Concatenate(MergeSpec):
    """The inputs side by side: constant √ΣΛ²."""

    facts: ClassVar[Facts] = Facts(
        constant="√ΣΛ² of its inputs",
        exact=True,
        gradient="shared by the branches",
    )

    axis: int = Field(-1, description="The dimension along which they are joined, the batch being 0.")

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape of the inputs, their sizes along the axis added."""
        if len(shapes) < 2:
            self.equal_shapes(shapes)
        rank = len(shapes[0])
        axis = self.axis - 1 if self.axis > 0 else self.axis + rank
        if self.axis == 0 or not 0 <= axis < rank:
            raise ShapeError(
                f"an input of {format_shape(shapes[0])} has the axes 1 to {rank} (or -1 to -{rank}), the "
                f"batch being 0, and not {self.axis}",
                field="axis",
            )
        if any(len(s) != rank or s[:axis] + s[axis + 1 :] != _without(shapes[0], axis) for s in shapes):
            found = " and ".join(format_shape(shape) for shape in dict.fromkeys(shapes))
            raise ShapeError(
                f"`Concatenate` takes inputs that differ along its axis alone, and these have {found}"
            )
        sizes = [shape[axis] for shape in shapes]
        joined = None if None in sizes else sum(size for size in sizes if size is not None)
        return (*shapes[0][:axis], joined, *shapes[0][axis + 1 :])

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(bounds)


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]
