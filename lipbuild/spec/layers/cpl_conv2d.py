from typing import ClassVar

from lipbuild.spec.layers.conv_block2d import ConvBlock2DSpec


class CPLConv2D(ConvBlock2DSpec):
    """`CPLDense` with V a convolution and Vᵀ its adjoint: constant k for every image size (Meunier et al. 2022)."""

    vectors: ClassVar[int] = 1
