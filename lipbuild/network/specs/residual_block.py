from pydantic import Field

from lipbuild.network.shapes import Shape, channels_of
from lipbuild.network.specs.common import BiasInitializer, KernelInitializer
from lipbuild.network.specs.scaled import ScaledSpec


class ResidualBlockSpec(ScaledSpec):
    """The base of the residual blocks that keep the shape of their input."""

    kernel_initializer: KernelInitializer = Field("glorot_normal", description="What the kernel starts from.")
    bias_initializer: BiasInitializer = Field("zeros", description="What the bias starts from.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        channels_of(shape, self.kind)
        return shape
