from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, image
from lipbuild.network.specs.common import Edges
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class ZeroPadding2D(LayerSpec):
    """An image with zeros around it: an isometry, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    padding: Edges = Field(
        ((1, 1), (1, 1)),
        description="How many pixels are added: one number, or `[height, width]`, each a number or a pair.",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """A larger height and width."""
        height, width, channels = image(shape, self.kind)
        rows, columns = self.padding
        return (
            None if height is None else height + sum(rows),
            None if width is None else width + sum(columns),
            channels,
        )

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
