from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, ShapeError, size_of
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Flatten(LayerSpec):
    """All values of a sample in one row: an isometry, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The product of all sizes."""
        size = size_of(shape)
        if size is None:
            raise ShapeError(
                "`Flatten` needs an input of fixed size",
                help="give `model.input` fixed sizes, or use a global pooling layer",
            )
        return (size,)

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
