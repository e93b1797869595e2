"""The part of a network that makes it rise, or fall, with some columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from lipbuild.network.operations import Dense
from lipbuild.network.rounding import float32_above, mul_up, root_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import Facts, LayerSpec

Direction = Literal["increasing", "decreasing"]


class MonotoneSlopes(LayerSpec):
    """Σ ±λ·x_i over the columns that an output is monotone in: constant λ·√columns. It becomes a fixed Keras `Dense`.

    λ is what the rest of the network is promised to move by where one column moves by 1, so that the sum of both never
    falls, or never rises, in these columns.
    """

    facts = Facts(constant="λ·√columns", exact=True, gradient="kept")
    holds_columns = True

    signs: tuple[int, ...] = Field(description="For each input 1, −1, or 0 where nothing is asked.")
    slopes_of: str = Field(description="The node whose slopes λ is as large as.")
    size: float = Field(1.0, description="λ, which is a float32.")

    @property
    def kind(self) -> str:
        """The Keras layer."""
        return "Dense"

    def lower(self, *shapes: Shape) -> Sequence[Dense]:
        """The one output."""
        norm = mul_up(self.size, root_up(sum(map(abs, self.signs))))
        return (Dense(1, norm, entries=self.size),)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them: nothing of it is trained."""
        return {"units": 1, "use_bias": False, "kernel_initializer": "zeros", "trainable": False}

    def fixed_weights(self) -> list[list[list[float]]]:
        """The slopes, (inputs, 1)."""
        return [[[sign * self.size] for sign in self.signs]]

    def sized(self, each: float) -> MonotoneSlopes:
        """With λ the least float32 above what the other node moves by."""
        return self.model_copy(update={"size": float32_above(each)})
