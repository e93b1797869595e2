from typing import ClassVar

from pydantic import Field

from lipbuild.network.rounding import root_up
from lipbuild.network.shapes import Shape, ShapeError, format_shape, sequence, windows
from lipbuild.network.specs.common import Padding, Size
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class MaxPooling1D(LayerSpec):
    """The greatest value of each window of a sequence: constant √⌈p/s⌉, 1 where no two windows overlap."""

    facts: ClassVar[Facts] = Facts(
        constant="√⌈pool / stride⌉: 1 without overlap",
        exact=True,
        gradient="kept without overlap",
    )

    pool_size: Size = Field(2, description="The length of the window.")
    strides: Size | None = Field(None, description="The step of the window; `pool_size` where left out.")
    padding: Padding = Field("valid", description="`same` pads so that every value is in a window.")

    @property
    def step(self) -> int:
        """The stride, filled in."""
        return self.pool_size if self.strides is None else self.strides

    def output_shape(self, shape: Shape) -> Shape:
        """The steps by stride and padding."""
        steps, channels = sequence(shape, self.kind)
        length = windows(steps, self.pool_size, self.step, self.padding)
        if length == 0:
            raise ShapeError(
                f"a window of {self.pool_size} does not fit into an input of {format_shape(shape)}",
                field="pool_size",
                help="use a smaller window, fewer pooling layers before it, or `padding: same`",
            )
        return length, channels

    def gain(self, shape: Shape) -> float:
        """√ of the number of windows that one value can be in."""
        return root_up(-(-self.pool_size // self.step))
