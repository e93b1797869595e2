from typing import ClassVar

from lipbuild.spec.layers.conv_block2d import ConvBlock2DSpec


class SLLConv2D(ConvBlock2DSpec):
    """`SLLDense` with W a convolution and Wᵀ its adjoint: constant k for every image size (Araujo et al. 2023)."""

    vectors: ClassVar[int] = 2
