"""The poolings that keep the greatest value, of windows and of whole sequences and images."""

from collections.abc import Sequence

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Padding, Size, SizePair
from lipbuild.network.specs.layer import Facts, LayerSpec


class MaxPooling1D(LayerSpec):
    """The greatest value of each window of a sequence: constant √⌈p/s⌉, 1 where no two windows overlap."""

    facts = Facts(
        constant="√⌈pool / stride⌉: 1 without overlap",
        exact=True,
        gradient="kept without overlap",
        rule="overlapping-max-pooling",
    )

    pool_size: Size = Field(2, description="The length of the window.")
    strides: Size | None = Field(None, description="The step of the window. Default: `pool_size`.")
    padding: Padding = Field("valid", description="`same` pads so that every value is in a window.")

    def lower(self, *shapes: Shape) -> Sequence[ops.MaxPooling]:
        """The pooling."""
        return (ops.MaxPooling((self.pool_size,), (self.strides or self.pool_size,), self.padding),)


class MaxPooling2D(LayerSpec):
    """The greatest value of each window: constant √(⌈ph/sh⌉·⌈pw/sw⌉), 1 where no two windows overlap."""

    facts = Facts(
        constant="∏ √⌈pool / stride⌉: 1 without overlap",
        exact=True,
        gradient="kept without overlap",
        rule="overlapping-max-pooling",
    )

    pool_size: SizePair = Field((2, 2), description="Height and width of the window: one number, or two.")
    strides: SizePair | None = Field(None, description="The step of the window. Default: `pool_size`.")
    padding: Padding = Field("valid", description="`same` pads so that every value is in a window.")

    def lower(self, *shapes: Shape) -> Sequence[ops.MaxPooling]:
        """The pooling."""
        return (ops.MaxPooling(self.pool_size, self.strides or self.pool_size, self.padding),)


class GlobalMaxPooling1D(LayerSpec):
    """The greatest value of each channel of a sequence: constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    keepdims: bool = Field(False, description="Whether the output keeps one step.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The pooling."""
        return (ops.GlobalMaxPooling(self.keepdims, axes=1),)


class GlobalMaxPooling2D(LayerSpec):
    """The greatest value of each channel: constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    keepdims: bool = Field(False, description="Whether the output keeps a height and a width of 1.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The pooling."""
        return (ops.GlobalMaxPooling(self.keepdims),)
