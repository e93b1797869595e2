"""The convolutions over images: what all have in common, and those whose operator is held."""

from pydantic import Field

from lipbuild.network.operations import Convolution
from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.common import MatrixInitializer, Padding, Size, SizePair, Units, composed_weights
from lipbuild.network.specs.kernels import ConstrainedSpec, check_groups, check_steps
from lipbuild.network.specs.layer import Facts

SHARED = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias")


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

    def linear(self, shape: Shape) -> Convolution:
        """A convolution whose norm is k."""
        check_steps(self.kind, self.strides, self.dilation_rate)
        return Convolution(
            self.filters,
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
            self.kernel_bound(),
        )

    def parameters(self, shape: Shape) -> int:
        """Height · width of the kernel · channels · filters, and a bias."""
        height, width = self.kernel_size
        _, _, channels = image(shape, self.kind)
        return height * width * channels * self.filters + self.biases

    @property
    def biases(self) -> int:
        """The number of biases."""
        return self.filters if self.use_bias else 0


class GroupedConvolution2DSpec(Convolution2DSpec):
    """The base of the convolutions over images that may have groups."""

    groups: Size = Field(
        1, description="The number of groups of channels, each convolved by itself; divides both numbers."
    )

    def linear(self, shape: Shape) -> Convolution:
        """A convolution whose norm is k."""
        check_groups(self.kind, self.groups, image(shape, self.kind)[2], self.filters)
        return super().linear(shape)

    def parameters(self, shape: Shape) -> int:
        """Height · width of the kernel · channels / groups · filters, and a bias."""
        return (super().parameters(shape) - self.biases) // self.groups + self.biases


class OrthoConv2D(GroupedConvolution2DSpec):
    """A convolution that is orthogonal as an operator: constant k (Boissin et al. 2025, AOC)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept away from the border",
        cost="(kh + kw)·kh·kw·c³/groups² a call; none in exports",
        keras="Conv2D",
        shared=SHARED,
        paper="Boissin et al. 2025 (AOC); Li et al. 2019 (BCOP)",
    )

    kernel_initializer: MatrixInitializer = Field(  # type: ignore[assignment]
        "orthogonal",
        description="What the matrices that the kernel is made of start from. With `identity` a square kernel of odd "
        "size and stride 1 starts as the identity.",
    )

    def linear(self, shape: Shape) -> Convolution:
        """A convolution whose norm is k."""
        if any(size < stride for size, stride in zip(self.kernel_size, self.strides)):
            raise ShapeError(
                f"`{self.kind}` needs a kernel of at least its strides: it would skip pixels",
                field="kernel_size",
                help="use a larger kernel, or smaller strides",
            )
        return super().linear(shape)

    def parameters(self, shape: Shape) -> int:
        """Of each group the patch matrix sh·sw·inputs · outputs and a basis m · ⌊m/2⌋ a further tap; and a bias."""
        inputs, outputs = image(shape, self.kind)[2] // self.groups, self.filters // self.groups
        return self.groups * composed_weights(inputs, outputs, self.kernel_size, self.strides) + self.biases


class AOLConv2D(Convolution2DSpec):
    """A convolution, each channel scaled by (Σ|autocorrelation|)^(−½): constant at most k for all weights."""

    facts = Facts(
        constant="k",
        exact=False,
        gradient="shrinks; less if the kernel is nearly orthogonal",
        cost="the kernel convolved with itself a call; none in exports",
        keras="Conv2D",
        shared=SHARED,
        paper="Prach & Lampert 2022",
    )
