"""The layers that leave every value as it is: the input, and what moves values to other places."""

from collections.abc import Sequence

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import Facts, LayerSpec


class Input(LayerSpec):
    """The network's input, where the stack starts with it as a Keras `Sequential` does."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    shape: list[int | None] = Field(
        min_length=1, description="The shape of one sample, without the batch, as in `model.input`."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """An input of this shape."""
        return (ops.Input(tuple(self.shape)),)


class Identity(LayerSpec):
    """The input as it is: constant 1. A place to put a name to."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The identity."""
        return (ops.Identity(),)


class Flatten(LayerSpec):
    """All values of a sample in one row: an isometry, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The values in one row."""
        return (ops.Flatten(),)


class Reshape(LayerSpec):
    """The same values in another shape: an isometry, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    target_shape: list[int] = Field(
        min_length=1, description="The new shape without the batch; one size may be -1."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The values in the target shape."""
        return (ops.Reshape(self.target_shape),)


class Permute(LayerSpec):
    """The dimensions of a sample in another order: an isometry, constant 1."""

    facts = Facts(constant="1", exact=True, gradient="kept")

    dims: list[int] = Field(min_length=1, description="The new order of the dimensions, counted from 1.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The dimensions in the new order."""
        return (ops.Permute(self.dims),)
