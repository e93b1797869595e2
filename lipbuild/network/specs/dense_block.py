from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, channels_of
from lipbuild.network.specs.common import Units
from lipbuild.network.specs.residual_block import ResidualBlockSpec


class DenseBlockSpec(ResidualBlockSpec):
    """The base of the residual blocks for vectors."""

    # Weights a hidden unit has beside its row of W.
    vectors: ClassVar[int]

    hidden_units: Units | None = Field(None, description="The rows of W; the input's size where left out.")

    def parameters(self, shape: Shape) -> int:
        """W, and what each of its rows has besides."""
        size = channels_of(shape, self.kind)
        return (self.hidden_units or size) * (size + self.vectors)
