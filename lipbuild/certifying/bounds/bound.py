"""The result of a proof: a Lipschitz constant between two floats."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lipbuild.certifying.bounds.room import ROUNDED
from lipbuild.certifying.bounds.rounding import mul_up


@dataclass(frozen=True)
class Bound:
    """A proved enclosure of the L2 Lipschitz constant of one map.

    Args:
        upper: a float64 that the constant does not exceed, rounding of the proof included. It may be
            infinite where the constant is beyond float64.
        lower: a float64 that the constant reaches: the gain of the map on a vector that was found, rounded
            down. It shows how tight `upper` is, and is not a certificate. 0 where no witness was looked
            for.
        method: The argument that proves `upper`; a certificate calls it `rule`, and docs/certificates.md says what
            each is.
        level: `float64` where rounding errors were bounded, `exact` where no rounding took place.
        hint: What else the argument needs that somebody who repeats it cannot know, such as a grid.
        room: By how much, relative to it, `upper` should be raised for another program to prove it too, which rounds
            differently and may bound rounding errors less tightly.

    Raises:
        ValueError: If the two floats are not an enclosure: 0 <= lower <= upper.
    """

    upper: float
    lower: float
    method: str
    level: str = "float64"
    hint: Mapping[str, Any] = field(default_factory=dict)
    room: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.lower <= self.upper:  # false for NaN too
            raise ValueError(f"not an enclosure of a Lipschitz constant: {self.lower!r} <= {self.upper!r}")

    @property
    def stated(self) -> float:
        """`upper` with the room that another program needs to prove it again: what is said of the map anywhere."""
        if self.level == "exact" and self.room == 0.0:
            return self.upper
        return mul_up(self.upper, 1.0 + max(self.room, ROUNDED))

    @property
    def excess(self) -> float:
        """`upper / lower − 1`: at least the relative excess of `upper` over the true constant."""
        if self.lower == 0.0:
            return 0.0 if self.upper == 0.0 else math.inf
        return self.upper / self.lower - 1.0
