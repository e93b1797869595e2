from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, sequence
from lipbuild.network.specs.common import Ends
from lipbuild.network.specs.cropped import cropped
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Cropping1D(LayerSpec):
    """A sequence without some steps at its ends: a projection, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    cropping: Ends = Field(
        (1, 1), description="How many steps are cut off: one number for both ends, or two."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Fewer steps."""
        steps, channels = sequence(shape, self.kind)
        return cropped(steps, self.cropping, shape), channels

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
