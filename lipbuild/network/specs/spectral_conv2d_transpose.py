from typing import ClassVar, Literal

from pydantic import Field

from lipbuild.network.shapes import Shape, image
from lipbuild.network.specs.common import SizePair, Units
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.spectral import SpectralSpec


class SpectralConv2DTranspose(SpectralSpec):
    """The adjoint of a `SpectralConv2D`, which makes images larger by its strides: constant at most k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=False,
        gradient="shrinks",
        cost="4·max(n, m)·min(n, m)² a training step, n×m the reshaped kernel; none at inference",
        replaces="Conv2DTranspose",
        paper="Li et al. 2019; Serrurier et al. 2021",
    )

    filters: Units = Field(description="The number of output channels.")
    kernel_size: SizePair = Field(description="Height and width of the kernel: one number, or two.")
    strides: SizePair = Field(
        (1, 1), description="How much larger height and width become: one number, or two."
    )
    padding: Literal["same"] = Field("same", description="`same`: the size is multiplied by the strides.")

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width times the strides; the channels become `filters`."""
        height, width, _ = image(shape, self.kind)
        rows, columns = self.strides
        return (
            None if height is None else height * rows,
            None if width is None else width * columns,
            self.filters,
        )

    def parameters(self, shape: Shape) -> int:
        """Kh · kw · channels · filters, and a bias."""
        height, width = self.kernel_size
        _, _, channels = image(shape, self.kind)
        return height * width * channels * self.filters + (self.filters if self.use_bias else 0)
