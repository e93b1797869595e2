import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from lipbuild.network.operations import Dense
from lipbuild.network.rounding import float32_nearest, root_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import Facts, LayerSpec

Interpolation = Literal["bilinear", "nearest"]


class ResizeAxis(LayerSpec):
    """The last axis with another number of values: a fixed matrix, which becomes a Keras `Dense`.

    A matrix that is stored in the model has a norm that is proved like any other, whatever an interpolation
    routine computes on another machine.
    """

    facts = Facts(constant="‖W‖", exact=False, gradient="shrinks")

    before: int = Field(description="How many values there are.")
    after: int = Field(description="How many there will be.")
    interpolation: Interpolation = Field("bilinear", description="How new values are made of old ones.")
    antialias: bool = Field(False, description="Whether fewer values are averages over all.")

    @property
    def kind(self) -> str:
        """The Keras layer."""
        return "Dense"

    def lower(self, *shapes: Shape) -> Sequence[Dense]:
        """The matrix W, its norm at most √(‖W‖₁·‖W‖∞), rounded up, which is close to it for interpolation."""
        columns, rows = [Fraction(0)] * self.after, [Fraction(0)] * self.before
        for old, new, weight in _weights(self.before, self.after, self.interpolation, self.antialias):
            columns[new] += abs(Fraction(weight))
            rows[old] += abs(Fraction(weight))
        return (Dense(self.after, root_up(max(columns) * max(rows))),)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them: nothing of it is trained."""
        return {"units": self.after, "use_bias": False, "kernel_initializer": "zeros", "trainable": False}

    def fixed_weights(self) -> list[list[list[float]]]:
        """The matrix, (before, after)."""
        matrix = [[0.0] * self.after for _ in range(self.before)]
        for old, new, weight in _weights(self.before, self.after, self.interpolation, self.antialias):
            matrix[old][new] = weight
        return [matrix]


@lru_cache(maxsize=32)
def _weights(
    before: int, after: int, interpolation: Interpolation, antialias: bool
) -> tuple[tuple[int, int, float], ...]:
    """What each old value adds to each new one: (old, new, weight), float32 numbers.

    New value i lies at (i + ½)·before/after − ½ among the old ones, as Keras has it.
    """
    entries: list[tuple[int, int, float]] = []
    ratio = before / after
    reach = max(ratio, 1.0) if antialias else 1.0
    for new in range(after):
        if interpolation == "nearest":
            entries.append((min(int((new + 0.5) * ratio), before - 1), new, 1.0))
            continue
        centre = (new + 0.5) * ratio - 0.5
        if not antialias:
            centre = min(max(centre, 0.0), before - 1.0)
        first, last = max(math.ceil(centre - reach), 0), min(math.floor(centre + reach), before - 1)
        hats = {old: max(0.0, 1.0 - abs(old - centre) / reach) for old in range(first, last + 1)}
        total = sum(hats.values())
        entries += [(old, new, float32_nearest(hat / total)) for old, hat in hats.items() if hat > 0.0]
    return tuple(entries)
