from typing import ClassVar

from lipbuild.network.specs.conv_block2d import ConvBlock2DSpec
from lipbuild.network.specs.facts import Facts


class CPLConv2D(ConvBlock2DSpec):
    """`CPLDense` with V a convolution and Vᵀ its adjoint: constant k for every image size (Meunier et al. 2022)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="670·(kh − 1)·(kw − 1)·c³ a call; none in exports",
        replaces="Conv2D in a residual",
        paper="Meunier et al. 2022",
    )

    vectors: ClassVar[int] = 1
