from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, format_shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Permute(LayerSpec):
    """The dimensions of a sample in another order: an isometry, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    dims: list[int] = Field(min_length=1, description="The new order of the dimensions, counted from 1.")

    def output_shape(self, shape: Shape) -> Shape:
        """The sizes in the new order."""
        if sorted(self.dims) != list(range(1, len(shape) + 1)):
            raise ShapeError(
                f"an input of {format_shape(shape)} has the dimensions 1 to {len(shape)}, and `dims` must "
                "hold each of them once",
                field="dims",
            )
        return tuple(shape[dim - 1] for dim in self.dims)

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
