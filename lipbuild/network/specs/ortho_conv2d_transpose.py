from typing import ClassVar, Literal

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.common import SizePair, Units
from lipbuild.network.specs.constrained import ConstrainedSpec
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.ortho_conv2d import composed_weights


class OrthoConv2DTranspose(ConstrainedSpec):
    """The adjoint of an `OrthoConv2D`, which makes images larger by its strides: constant k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept away from the border",
        cost="(kh + kw)·kh·kw·c³ a call; none in exports",
        replaces="Conv2DTranspose",
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

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width times the strides; the channels become `filters`."""
        height, width, _ = image(shape, self.kind)
        rows, columns = self.strides
        if any(size < stride for size, stride in zip(self.kernel_size, self.strides)):
            raise ShapeError(
                f"`{self.kind}` needs a kernel of at least its strides: it would leave gaps",
                field="kernel_size",
                help="use a larger kernel, or smaller strides",
            )
        return (
            None if height is None else height * rows,
            None if width is None else width * columns,
            self.filters,
        )

    def parameters(self, shape: Shape) -> int:
        """Those of the `OrthoConv2D` from `filters` to the input's channels, and a bias."""
        channels = image(shape, self.kind)[2]
        weights = composed_weights(self.filters, channels, self.kernel_size, self.strides)
        return weights + (self.filters if self.use_bias else 0)
