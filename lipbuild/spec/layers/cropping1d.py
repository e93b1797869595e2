from typing import ClassVar

from pydantic import Field

from lipbuild.spec.layers.common import Ends
from lipbuild.spec.layers.cropped import cropped
from lipbuild.spec.layers.facts import Facts
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.shapes import Shape, sequence


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
