from pydantic import Field

from lipbuild.spec.layers.common import Padding, SizePair, Units
from lipbuild.spec.layers.constrained import ConstrainedSpec
from lipbuild.spec.shapes import Shape, image, window_shape


class SpectralConv2D(ConstrainedSpec):
    """A convolution whose reshaped kernel is orthogonal and scaled by 1/√(⌈kh/sh⌉·⌈kw/sw⌉): constant at most k."""

    filters: Units = Field(description="The number of output channels.")
    kernel_size: SizePair = Field(description="Height and width of the kernel: one number, or two.")
    strides: SizePair = Field((1, 1), description="The step of the kernel: one number, or two.")
    padding: Padding = Field("same", description="`same` pads with zeros, `valid` not at all.")

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by strides and padding; the channels become `filters`."""
        rows, columns, _ = window_shape(
            shape, self.kind, self.kernel_size, self.strides, self.padding, "kernel_size"
        )
        return rows, columns, self.filters

    def parameters(self, shape: Shape) -> int:
        """Kh · kw · channels · filters, and a bias."""
        height, width = self.kernel_size
        _, _, channels = image(shape, self.kind)
        return height * width * channels * self.filters + (self.filters if self.use_bias else 0)
