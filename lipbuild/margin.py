"""The margin that a loss asks for: what a config may say of it, and what the loss computes with."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Margin:
    """How the margin of a loss follows from what is given.

    Attributes:
        per_radius: The margin that stands for a radius of 1 on a network of constant 1.
        default: The margin where neither it nor a radius is given.
    """

    per_radius: float
    default: float = 1.0

    def of(self, given: float | None, target_radius: float | None, lip_const: float) -> float:
        """The margin: as it is given, `per_radius · lip_const · target_radius`, or the default."""
        if given is not None:
            return given
        return self.default if target_radius is None else self.per_radius * lip_const * target_radius


# Between two outputs `f_y - f_i`, which move apart by √2 at most.
OF_CLASSES = Margin(math.sqrt(2.0))
# Between the classes of a single output, half of it on each side of 0.
OF_SIGN = Margin(2.0)
# Taken from a logit before a cross-entropy: twice the margin that certifies the radius.
OF_OFFSET = Margin(2.0 * math.sqrt(2.0), math.sqrt(2.0))
OF_ANNEALING = Margin(2.0 * math.sqrt(2.0), 2.0)
