"""Zeros around sequences and images, and what is cut off them."""

from collections.abc import Sequence

from pydantic import Field

from lipbuild.network.operations import Cropping, Operation, ZeroPadding
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Edges, Ends
from lipbuild.network.specs.layer import Facts, LayerSpec


class Cropping1D(LayerSpec):
    """A sequence without some steps at its ends: a projection, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    cropping: Ends = Field(
        (1, 1), description="How many steps are cut off: one number for both ends, or two."
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """Fewer steps."""
        return (Cropping(self.cropping),)


class Cropping2D(LayerSpec):
    """An image without some pixels at its edges: a projection, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    cropping: Edges = Field(
        ((0, 0), (0, 0)),
        description="How many pixels are cut off: one number, or `[height, width]`, each a number or a pair.",
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """A smaller height and width."""
        return (Cropping(*self.cropping),)


class ZeroPadding1D(LayerSpec):
    """A sequence with zeros before and after it: an isometry, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    padding: Ends = Field((1, 1), description="How many steps are added: one number for both ends, or two.")

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """More steps."""
        return (ZeroPadding(self.padding),)


class ZeroPadding2D(LayerSpec):
    """An image with zeros around it: an isometry, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    padding: Edges = Field(
        ((1, 1), (1, 1)),
        description="How many pixels are added: one number, or `[height, width]`, each a number or a pair.",
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """A larger height and width."""
        return (ZeroPadding(*self.padding),)
