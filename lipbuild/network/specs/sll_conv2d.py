from typing import ClassVar

from lipbuild.network.specs.conv_block2d import ConvBlock2DSpec
from lipbuild.network.specs.facts import Facts


class SLLConv2D(ConvBlock2DSpec):
    """`SLLDense` with W a convolution and Wᵀ its adjoint: constant k for every image size (Araujo et al. 2023)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="the kernel convolved with itself a call; none in exports",
        replaces="Conv2D in a residual",
        paper="Araujo et al. 2023",
    )

    vectors: ClassVar[int] = 2
