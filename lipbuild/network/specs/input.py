from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Input(LayerSpec):
    """The network's input, where the stack starts with it as a Keras `Sequential` does."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    shape: list[int | None] = Field(
        min_length=1, description="The shape of one sample, without the batch, as in `model.input`."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape as given."""
        return tuple(self.shape)

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
