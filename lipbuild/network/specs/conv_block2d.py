from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.common import SizePair, Units
from lipbuild.network.specs.residual_block import ResidualBlockSpec


class ConvBlock2DSpec(ResidualBlockSpec):
    """The base of the residual blocks for images."""

    # Weights a hidden channel has beside its kernel.
    vectors: ClassVar[int]

    kernel_size: SizePair = Field((3, 3), description="Height and width of the kernel, both odd.")
    hidden_filters: Units | None = Field(
        None, description="The output channels of W; the input's number where left out."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        image(shape, self.kind)
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ShapeError(
                f"`{self.kind}` takes kernels of odd sizes",
                field="kernel_size",
                help="use 3 or 5, for example",
            )
        return shape

    def parameters(self, shape: Shape) -> int:
        """W, and what each of its channels has besides."""
        height, width = self.kernel_size
        channels = image(shape, self.kind)[2]
        return (self.hidden_filters or channels) * (height * width * channels + self.vectors)
