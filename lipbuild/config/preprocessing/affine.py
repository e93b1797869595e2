from collections.abc import Sequence
from typing import Any

from pydantic import Field

from lipbuild.network.operations import Operation, Scale
from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import Facts, LayerSpec


class Affine(LayerSpec):
    """x·factors + offsets along the last axis: constant max|factor|. It becomes a Keras `Rescaling`.

    The factors are rounded towards zero to float32 numbers, so that they keep what they promise.
    """

    facts = Facts(constant="max|factor|", exact=True, gradient="kept")

    factors: tuple[float, ...] = Field(
        description="The factors: one, or one for each value of the last axis."
    )
    offsets: tuple[float, ...] = Field(description="What is added afterwards: one, or one for each value.")

    @property
    def kind(self) -> str:
        """The Keras layer."""
        return "Rescaling"

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The factors and the offsets."""
        constant = max(float32_down(abs(factor)) for factor in self.factors)
        return (Scale(constant, is_alike=len(self.factors) == 1 and not any(self.offsets)),)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them."""
        factors = [float32_down(abs(f)) if f >= 0 else -float32_down(abs(f)) for f in self.factors]
        return {"scale": _one_or_all(factors), "offset": _one_or_all(list(self.offsets))}


def _one_or_all(values: list[float]) -> float | list[float]:
    return values[0] if len(values) == 1 else values
