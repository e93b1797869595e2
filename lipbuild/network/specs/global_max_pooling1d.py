from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, sequence
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class GlobalMaxPooling1D(LayerSpec):
    """The greatest value of each channel of a sequence: constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    keepdims: bool = Field(False, description="Whether the output keeps one step.")

    def output_shape(self, shape: Shape) -> Shape:
        """One value a channel."""
        _, channels = sequence(shape, self.kind)
        return (1, channels) if self.keepdims else (channels,)

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
