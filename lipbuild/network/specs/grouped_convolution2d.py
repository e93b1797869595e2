from pydantic import Field

from lipbuild.network.shapes import Shape, image
from lipbuild.network.specs.common import Size
from lipbuild.network.specs.convolution2d import Convolution2DSpec
from lipbuild.network.specs.groups import check_groups


class GroupedConvolution2DSpec(Convolution2DSpec):
    """The base of the convolutions over images that may have groups."""

    groups: Size = Field(
        1, description="The number of groups of channels, each convolved by itself; divides both numbers."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by strides, dilation and padding; the channels become `filters`."""
        _, _, channels = image(shape, self.kind)
        check_groups(self.kind, self.groups, channels, self.filters)
        return super().output_shape(shape)

    def parameters(self, shape: Shape) -> int:
        """Kh · kw · channels / groups · filters, and a bias."""
        return (super().parameters(shape) - self.biases) // self.groups + self.biases
