"""The transposed convolutions, which make images larger."""

from typing import Literal

from pydantic import Field

from lipbuild.network.operations import TransposedConvolution
from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.common import SizePair, Units, composed_weights
from lipbuild.network.specs.kernels import ConstrainedSpec, SpectralConvolutionSpec
from lipbuild.network.specs.layer import Facts

_SHARED = ("filters", "kernel_size", "strides", "padding", "use_bias")


class SpectralConv2DTranspose(SpectralConvolutionSpec):
    """The adjoint of a `SpectralConv2D`, which makes images larger by its strides: constant at most k."""

    facts = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="4·max(n, m)·min(n, m)² a training step, n×m the reshaped kernel; none at inference",
        keras="Conv2DTranspose",
        shared=_SHARED,
        paper="Li et al. 2019; Serrurier et al. 2021",
    )

    filters: Units = Field(description="The number of output channels.")
    kernel_size: SizePair = Field(description="Height and width of the kernel: one number, or two.")
    strides: SizePair = Field(
        (1, 1), description="How much larger height and width become: one number, or two."
    )
    padding: Literal["same"] = Field("same", description="`same`: the size is multiplied by the strides.")

    def linear(self, shape: Shape) -> TransposedConvolution:
        """A transposed convolution whose norm is k."""
        return TransposedConvolution(self.filters, self.strides, self.kernel_bound())

    def parameters(self, shape: Shape) -> int:
        """Height · width of the kernel · channels · filters, and a bias."""
        height, width = self.kernel_size
        _, _, channels = image(shape, self.kind)
        return height * width * channels * self.filters + (self.filters if self.use_bias else 0)


class OrthoConv2DTranspose(ConstrainedSpec):
    """The adjoint of an `OrthoConv2D`, which makes images larger by its strides: constant k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept away from the border",
        cost="(kh + kw)·kh·kw·c³ a call; none in exports",
        keras="Conv2DTranspose",
        shared=_SHARED,
        paper="Boissin et al. 2025 (AOC)",
    )

    filters: Units = Field(description="The number of output channels.")
    kernel_size: SizePair = Field(
        description="Height and width of the kernel, at least the strides: one number, or two."
    )
    strides: SizePair = Field(
        (1, 1), description="How much larger height and width become: one number, or two."
    )
    padding: Literal["same"] = Field("same", description="`same`: the size is multiplied by the strides.")

    def linear(self, shape: Shape) -> TransposedConvolution:
        """A transposed convolution whose norm is k."""
        image(shape, self.kind)
        if any(size < stride for size, stride in zip(self.kernel_size, self.strides)):
            raise ShapeError(
                f"`{self.kind}` needs a kernel of at least its strides: it would leave gaps",
                field="kernel_size",
                help="use a larger kernel, or smaller strides",
            )
        return TransposedConvolution(self.filters, self.strides, self.kernel_bound())

    def parameters(self, shape: Shape) -> int:
        """Those of the `OrthoConv2D` from `filters` to the input's channels, and a bias."""
        channels = image(shape, self.kind)[2]
        weights = composed_weights(self.filters, channels, self.kernel_size, self.strides)
        return weights + (self.filters if self.use_bias else 0)
