from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, format_shape, size_of
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Reshape(LayerSpec):
    """The same values in another shape: an isometry, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    target_shape: list[int] = Field(
        min_length=1, description="The new shape without the batch; one size may be -1."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The target shape, its -1 filled in."""
        size = size_of(shape)
        if size is None:
            raise ShapeError("`Reshape` needs an input of fixed size")
        target = list(self.target_shape)
        free = [i for i, n in enumerate(target) if n == -1]
        if len(free) > 1 or any(n < 1 and n != -1 for n in target):
            raise ShapeError(
                "`target_shape` holds sizes of at least 1, of which one may be -1", field="target_shape"
            )
        known = 1
        for n in target:
            known *= n if n != -1 else 1
        if free and size % known == 0:
            target[free[0]] = size // known
            known = size
        if known != size:
            raise ShapeError(
                f"an input of {format_shape(shape)} has {size} values, and `target_shape` holds "
                f"{'a multiple of ' if free else ''}{known}",
                field="target_shape",
                help="write sizes whose product that is; one of them may be -1, which is then filled in",
            )
        return tuple(target)

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
