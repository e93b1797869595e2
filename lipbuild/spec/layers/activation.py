import math
from typing import ClassVar

from pydantic import Field

from lipbuild.spec.activations import CONSTANTS
from lipbuild.spec.layers.common import ActivationName
from lipbuild.spec.layers.facts import Facts
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.shapes import Shape


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
