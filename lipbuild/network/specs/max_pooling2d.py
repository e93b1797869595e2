import math
from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import root_up
from lipbuild.network.shapes import Shape, window_shape
from lipbuild.network.specs.common import Padding, SizePair
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class MaxPooling2D(LayerSpec):
    """The greatest value of each window: constant √(⌈ph/sh⌉·⌈pw/sw⌉), 1 where no two windows overlap."""

    facts: ClassVar[Facts] = Facts(
        constant="∏ √⌈pool / stride⌉: 1 without overlap",
        exact=True,
        gradient="kept without overlap",
    )

    pool_size: SizePair = Field((2, 2), description="Height and width of the window: one number, or two.")
    strides: SizePair | None = Field(None, description="The step of the window; `pool_size` where left out.")
    padding: Padding = Field("valid", description="`same` pads so that every value is in a window.")

    @property
    def steps(self) -> tuple[int, int]:
        """The strides, filled in."""
        return self.pool_size if self.strides is None else self.strides

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by strides and padding."""
        return window_shape(shape, self.kind, self.pool_size, self.steps, self.padding, "pool_size")

    def gain(self, shape: Shape) -> float:
        """√ of the number of windows that one value can be in."""
        overlaps = math.prod(-(-p // s) for p, s in zip(self.pool_size, self.steps))
        return root_up(overlaps)
