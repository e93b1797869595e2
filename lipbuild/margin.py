"""The margin that a loss asks for: what a config may say of it, and what the loss computes with."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lipbuild.frozen import dataclass


@dataclass(frozen=True)
class Margin:
    """How the margin of a loss, and its temperature, follow from what is given.

    Attributes:
        per_radius: The margin that stands for a radius of 1 on a network of constant 1.
        default: The margin where neither it nor a radius is given.
        temperature: The temperature that goes with that margin, for a loss that has one.
        inverse: Whether the temperature multiplies the logits, rather than dividing them.
    """

    per_radius: float
    default: float = 1.0
    temperature: float = 1.0
    inverse: bool = False

    def of(self, given: float | None, target_radius: float | None, lip_const: float) -> float:
        """The margin: as it is given, `per_radius · lip_const · target_radius`, or the default."""
        if given is not None:
            return given
        return self.default if target_radius is None else self.per_radius * lip_const * target_radius

    def temperature_of(self, given: float | None, target_radius: float | None, lip_const: float) -> float:
        """The temperature: as it is given, in its proportion to the margin of a radius, or the default.

        A radius of 0 asks for no margin, to which nothing is in proportion.
        """
        if given is not None:
            return given
        if not target_radius:
            return self.temperature
        share = self.of(None, target_radius, lip_const) / self.default
        return self.temperature / share if self.inverse else self.temperature * share


def median(radii: Sequence[float]) -> float | None:
    """The median of the radii above 0, of two in the middle the less; None where there are none."""
    positive = sorted(radius for radius in radii if radius > 0)
    return positive[(len(positive) - 1) // 2] if positive else None


# Between two outputs `f_y - f_i`, which move apart by √2 at most.
OF_CLASSES = Margin(math.sqrt(2.0))
# With a log-sum-exp for the maximum over the wrong classes, which is as near to it as the margin is large.
OF_SOFT_MAXIMUM = Margin(math.sqrt(2.0), inverse=True)
# Between the classes of a single output, half of it on each side of 0.
OF_SIGN = Margin(2.0)
# Taken from a logit before a cross-entropy: twice the margin that certifies the radius.
OF_OFFSET = Margin(2.0 * math.sqrt(2.0), math.sqrt(2.0), temperature=0.25)
OF_ANNEALING = Margin(2.0 * math.sqrt(2.0), 2.0, temperature=0.75)
# Of that loss the offset that goes with a temperature.
OFFSET_PER_TEMPERATURE = OF_ANNEALING.default / OF_ANNEALING.temperature
# What a pair of logits can move within a radius. The temperature is the one that `OF_OFFSET` has for that radius.
OF_PAIRS = Margin(math.sqrt(2.0), math.sqrt(0.5), temperature=0.25)
