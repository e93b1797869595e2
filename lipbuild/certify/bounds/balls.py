"""Arrays of real numbers, each known up to a radius."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from lipbuild.certify.bounds.arrays import Array, exact_float64
from lipbuild.certify.bounds.rounding import UNIT_ROUNDOFF, add_up, gamma, mul_up, sqrt_up

# More than the roundings of a radius itself, which is a sum of few terms that are not negative.
_SLACK = 1.0 + 2.0**-47
# More than what underflow takes from an entry.
_FLOOR = 2.0**-1000


@dataclass(frozen=True, eq=False)
class Balls:
    """|true − middle| <= radius, entry by entry. Each operation holds for all true values together.

    Args:
        middle: float64.
        radius: of the same shape, not negative.
    """

    middle: Array
    radius: Array

    @classmethod
    def exact(cls, values: np.ndarray) -> Balls:
        """Known weights."""
        middle = exact_float64(np.asarray(values))
        return cls(middle, np.zeros_like(middle))

    @property
    def largest(self) -> Array:
        """Upper bounds of the magnitudes, up to a rounding that the users' slack covers."""
        return np.asarray(np.abs(self.middle) + self.radius, np.float64)

    @property
    def transposed(self) -> Balls:
        """The transpose of a matrix."""
        return self.moved(np.transpose)

    def moved(self, move: Callable[[Array], Array]) -> Balls:
        """The same for both arrays: a reshape, a slice, a padding with zeros."""
        return Balls(move(self.middle), move(self.radius))

    def __getitem__(self, key: Any) -> Balls:
        return Balls(self.middle[key], self.radius[key])

    def __add__(self, other: Balls) -> Balls:
        return _rounded(self.middle + other.middle, self.radius + other.radius)

    def __sub__(self, other: Balls) -> Balls:
        return _rounded(self.middle - other.middle, self.radius + other.radius)

    def __mul__(self, other: Balls) -> Balls:
        radius = np.abs(self.middle) * other.radius + self.radius * other.largest
        return _rounded(self.middle * other.middle, radius)

    def __matmul__(self, other: Balls) -> Balls:
        inner = self.middle.shape[-1]
        radius = np.abs(self.middle) @ other.radius + self.radius @ other.largest
        # The rounding of the product, and of the sums of terms that are not negative.
        radius = radius + gamma(inner + 1) * (np.abs(self.middle) @ np.abs(other.middle))
        return _rounded(self.middle @ other.middle, radius * (1.0 + 2.0 * gamma(inner + 8)) + inner * _FLOOR)

    def __abs__(self) -> Balls:
        return Balls(np.abs(self.middle), self.radius)

    def summed(self, *axes: int) -> Balls:
        """The sum along axes."""
        count = math.prod(self.middle.shape[a] for a in axes)
        radius = self.radius.sum(axis=axes) + gamma(count) * np.abs(self.middle).sum(axis=axes)
        return _rounded(self.middle.sum(axis=axes), radius * (1.0 + 2.0 * gamma(count + 8)))

    def inverse(self) -> Balls:
        """1/x of positive numbers.

        Raises:
            ValueError: if a ball reaches 0.
        """
        least = self._least()
        inverse = 1.0 / self.middle
        return _rounded(inverse, self.radius / (self.middle * least))

    def root(self) -> Balls:
        """√x of positive numbers: |√x − √m| <= |x − m| / √m.

        Raises:
            ValueError: if a ball reaches 0.
        """
        self._least()
        return _rounded(np.sqrt(self.middle), self.radius / np.sqrt(self.middle))

    def _least(self) -> Array:
        least = (self.middle - self.radius) * (1.0 - 2.0**-50)
        if not (least > 2.0**-900).all():
            raise ValueError("a number may be 0 that is divided by")
        return np.asarray(least, np.float64)


def exponentials(values: Array, less: float, least: float) -> Balls:
    """e^max(x − less, least), by decimal arithmetic that rounds correctly; x − less is not above 0."""
    with localcontext() as context:
        context.prec = 40
        powers = [float(max(Decimal(float(v)) - Decimal(less), Decimal(least)).exp()) for v in values.ravel()]
    middle = np.array(powers).reshape(values.shape)
    return _rounded(middle, np.zeros_like(middle))


def frobenius_up(values: Array) -> float:
    """An upper bound of the Frobenius norm of a finite array of any magnitudes."""
    peak = float(np.max(np.abs(values), initial=0.0))
    if peak == 0.0:
        return 0.0
    scaled = values / peak
    total = mul_up(float(np.sum(scaled * scaled)), 1.0 + 2.0 * gamma(values.size + 16))
    # Entries that underflow when they are scaled are below 2^-1022 · peak each.
    return mul_up(peak, sqrt_up(add_up(total, values.size * 2.0**-1000)))


def _rounded(middle: Array, radius: Array) -> Balls:
    """The result of one more rounding of the middle; one for each entry, whatever its size."""
    wider = (radius + 2.0 * UNIT_ROUNDOFF * np.abs(middle)) * _SLACK + _FLOOR
    if not (np.isfinite(middle).all() and np.isfinite(wider).all()):
        raise ValueError("a number of a computed kernel is not finite")
    return Balls(np.asarray(middle, np.float64), np.asarray(wider, np.float64))
