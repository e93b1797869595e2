import math
from collections.abc import Sequence

from pydantic import Field

from lipbuild.network.operations import Operation, Scale
from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import Facts, LayerSpec


class UnknownFactor(LayerSpec):
    """The place of a `Rescaling` whose numbers are taken from the training data: it cannot be built yet."""

    facts = Facts(constant="max|factor|", exact=False, gradient="kept")
    is_fitted = False

    at_most: float | None = Field(None, description="What no factor can exceed; empty if it is unknown.")

    @property
    def kind(self) -> str:
        """The Keras layer that it will be."""
        return "Rescaling"

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """What no factor can exceed; infinite where that is unknown."""
        return (Scale(math.inf if self.at_most is None else float32_down(self.at_most)),)
