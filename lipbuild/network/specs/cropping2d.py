from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, image
from lipbuild.network.specs.common import Edges
from lipbuild.network.specs.cropped import cropped
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


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
