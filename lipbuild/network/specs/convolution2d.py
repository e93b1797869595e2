from pydantic import Field

from lipbuild.network.shapes import Shape, image, window_shape
from lipbuild.network.specs.common import Padding, SizePair, Units
from lipbuild.network.specs.constrained import ConstrainedSpec
from lipbuild.network.specs.groups import check_steps


class Convolution2DSpec(ConstrainedSpec):
    """The base of the convolutions over images."""

    filters: Units = Field(description="The number of output channels.")
    kernel_size: SizePair = Field(description="Height and width of the kernel: one number, or two.")
    strides: SizePair = Field((1, 1), description="The step of the kernel: one number, or two.")
    padding: Padding = Field("same", description="`same` pads with zeros, `valid` not at all.")
    dilation_rate: SizePair = Field(
        (1, 1),
        description="The distance of the kernel's values: one number, or two; 1 where strides are not.",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by strides, dilation and padding; the channels become `filters`."""
        check_steps(self.kind, self.strides, self.dilation_rate)
        rows, columns, _ = window_shape(
            shape, self.kind, self.kernel_size, self.strides, self.padding, "kernel_size", self.dilation_rate
        )
        return rows, columns, self.filters

    def parameters(self, shape: Shape) -> int:
        """Kh · kw · channels · filters, and a bias."""
        height, width = self.kernel_size
        _, _, channels = image(shape, self.kind)
        return height * width * channels * self.filters + self.biases

    @property
    def biases(self) -> int:
        """The number of biases."""
        return self.filters if self.use_bias else 0
