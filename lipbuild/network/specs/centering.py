from pydantic import Field

from lipbuild.network.shapes import Shape, channels_of
from lipbuild.network.specs.scaled import ScaledSpec


class CenteringSpec(ScaledSpec):
    """The base of the layers that subtract a mean and add a learned bias."""

    use_bias: bool = Field(True, description="Whether a bias is added.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        channels_of(shape, self.kind)
        return shape

    def parameters(self, shape: Shape) -> int:
        """A bias a channel."""
        return channels_of(shape, self.kind) if self.use_bias else 0
