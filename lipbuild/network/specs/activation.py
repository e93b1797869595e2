import math
from typing import ClassVar

from pydantic import Field

from lipbuild.network.activations import CONSTANTS
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import ActivationName
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Activation(LayerSpec):
    """One of Keras's activation functions by name, of those whose constant is known and at most 1."""

    facts: ClassVar[Facts] = Facts(
        constant="that of the function",
        exact=True,
        gradient="shrinks",
    )

    activation: ActivationName = Field(description="The function's name, as Keras has it.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape

    def gain(self, shape: Shape) -> float:
        """The function's constant; infinite where it has none."""
        constant = CONSTANTS[self.activation]
        return math.inf if constant is None else constant
