from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.grouped_convolution2d import GroupedConvolution2DSpec


class OrthoConv2D(GroupedConvolution2DSpec):
    """A convolution that is orthogonal as an operator: constant k (Boissin et al. 2025, AOC)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept away from the border",
        cost="(kh + kw)·kh·kw·c³/groups² a call; none in exports",
        replaces="Conv2D",
        paper="Boissin et al. 2025 (AOC); Li et al. 2019 (BCOP)",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by strides, dilation and padding; the channels become `filters`."""
        if any(size < stride for size, stride in zip(self.kernel_size, self.strides)):
            raise ShapeError(
                f"`{self.kind}` needs a kernel of at least its strides: it would skip pixels",
                field="kernel_size",
                help="use a larger kernel, or smaller strides",
            )
        return super().output_shape(shape)

    def parameters(self, shape: Shape) -> int:
        """Of each group the patch matrix sh·sw·inputs · outputs and a basis m · ⌊m/2⌋ a further tap; and a bias."""
        inputs, outputs = image(shape, self.kind)[2] // self.groups, self.filters // self.groups
        return self.groups * composed_weights(inputs, outputs, self.kernel_size, self.strides) + self.biases


def composed_weights(
    inputs: int, outputs: int, kernel_size: tuple[int, int], strides: tuple[int, int]
) -> int:
    """The number of weights that an orthogonal kernel (kh, kw, inputs, outputs) is put together from."""
    (height, width), (rows, columns) = kernel_size, strides
    taps = height - rows + width - columns
    mixed = outputs if rows * columns == 1 and outputs > inputs else inputs
    return rows * columns * inputs * outputs + taps * mixed * max(1, mixed // 2)
