"""The residual blocks x − B·relu(A·x + b) whose constant is that of the identity."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from lipbuild.network.operations import Operation, ResidualContraction
from lipbuild.network.shapes import Shape, ShapeError, channels_of, image
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import BiasInitializer, KernelInitializer, SizePair, Units
from lipbuild.network.specs.layer import Facts


class ResidualBlockSpec(ScaledSpec):
    """The base of the residual blocks."""

    # Weights a hidden unit or channel has beside its part of the kernel.
    vectors: ClassVar[int]

    kernel_initializer: KernelInitializer = Field("glorot_normal", description="What the kernel starts from.")
    bias_initializer: BiasInitializer = Field("zeros", description="What the bias starts from.")


class DenseBlockSpec(ResidualBlockSpec):
    """The base of the residual blocks for vectors."""

    hidden_units: Units | None = Field(None, description="The rows of W. Default: the size of the input.")

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The block as a whole, times k."""
        return ResidualContraction(self.hidden_units), self.scale()

    def parameters(self, shape: Shape) -> int:
        """W, and the other parameters of each of its rows."""
        size = channels_of(shape, self.kind)
        return (self.hidden_units or size) * (size + self.vectors)


class ConvBlock2DSpec(ResidualBlockSpec):
    """The base of the residual blocks for images."""

    kernel_size: SizePair = Field((3, 3), description="Height and width of the kernel, both odd.")
    hidden_filters: Units | None = Field(
        None, description="The output channels of W. Default: those of the input."
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The block as a whole, times k."""
        image(shapes[0], self.kind)
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ShapeError(
                f"`{self.kind}` takes kernels of odd sizes",
                field="kernel_size",
                help="use 3 or 5, for example",
            )
        return ResidualContraction(self.hidden_filters, self.kernel_size), self.scale()

    def parameters(self, shape: Shape) -> int:
        """W, and the other parameters of each of its channels."""
        height, width = self.kernel_size
        channels = image(shape, self.kind)[2]
        return (self.hidden_filters or channels) * (height * width * channels + self.vectors)


class SLLDense(DenseBlockSpec):
    """k·(x − 2Wᵀ diag(t) relu(Wx + b)), t_i = 1/Σ_j|WWᵀ|_ij q_j/q_i: constant k (Araujo et al. 2023)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="h²·n a call for a block of 2·n·h; none in exports",
        keras="Dense",
        in_place_of="Dense in a residual",
        paper="Araujo et al. 2023",
    )

    vectors: ClassVar[int] = 2


class SLLConv2D(ConvBlock2DSpec):
    """`SLLDense` with W a convolution and Wᵀ its adjoint: constant k for every image size (Araujo et al. 2023)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="the kernel convolved with itself a call; none in exports",
        keras="Conv2D",
        in_place_of="Conv2D in a residual",
        paper="Araujo et al. 2023",
    )

    vectors: ClassVar[int] = 2


class CPLDense(DenseBlockSpec):
    """k·(x − 2Vᵀ relu(Vx + b)), V = W over an upper bound of its norm: constant k (Meunier et al. 2022)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="5·min(n, h)³ a call for a block of 2·n·h; none in exports",
        keras="Dense",
        in_place_of="Dense in a residual",
        paper="Meunier et al. 2022",
    )

    vectors: ClassVar[int] = 1


class CPLConv2D(ConvBlock2DSpec):
    """`CPLDense` with V a convolution and Vᵀ its adjoint: constant k for every image size (Meunier et al. 2022)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept in directions that W does not see",
        cost="670·(kh − 1)·(kw − 1)·c³ a call; none in exports",
        keras="Conv2D",
        in_place_of="Conv2D in a residual",
        paper="Meunier et al. 2022",
    )

    vectors: ClassVar[int] = 1
