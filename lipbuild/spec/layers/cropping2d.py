from typing import ClassVar

from pydantic import Field

from lipbuild.spec.layers.common import Edges
from lipbuild.spec.layers.cropped import cropped
from lipbuild.spec.layers.facts import Facts
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.shapes import Shape, image


class Cropping2D(LayerSpec):
    """An image without some pixels at its edges: a projection, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    cropping: Edges = Field(
        ((0, 0), (0, 0)),
        description="How many pixels are cut off: one number, or `[height, width]`, each a number or a pair.",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """A smaller height and width."""
        height, width, channels = image(shape, self.kind)
        rows, columns = self.cropping
        return cropped(height, rows, shape), cropped(width, columns, shape), channels

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
