"""Numbers that are computed from weights, each with a radius within which the exact one lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.certify.verify.floats import SLACK, TINY, Array, U, gamma


@dataclass(frozen=True, eq=False)
class Ball:
    """|exact − middle| <= radius for each entry.

    Args:
        middle: float64.
        radius: not negative.
    """

    middle: Array
    radius: Array

    def __getitem__(self, key: Any) -> Ball:
        return Ball(self.middle[key], self.radius[key])

    def moved(self, move: Callable[[Array], Array]) -> Ball:
        """A reshape, a transpose or a padding of both."""
        return Ball(move(self.middle), move(self.radius))

    @property
    def transposed(self) -> Ball:
        """The last two axes exchanged."""
        return self.moved(lambda part: np.swapaxes(part, -1, -2))

    def __add__(self, other: Ball) -> Ball:
        return rounded(self.middle + other.middle, self.radius + other.radius)

    def __sub__(self, other: Ball) -> Ball:
        return rounded(self.middle - other.middle, self.radius + other.radius)

    def __mul__(self, other: Ball) -> Ball:
        across = np.abs(self.middle) * other.radius + np.abs(other.middle) * self.radius
        return rounded(self.middle * other.middle, across + self.radius * other.radius)

    def __matmul__(self, other: Ball) -> Ball:
        a, b = np.abs(self.middle), np.abs(other.middle)
        summed = gamma(self.middle.shape[-1]) * (a @ b)
        return rounded(
            self.middle @ other.middle, summed + a @ other.radius + self.radius @ (b + other.radius)
        )

    def magnitude(self) -> Ball:
        """|x|."""
        return Ball(np.abs(self.middle), self.radius)

    def summed(self, axis: int) -> Ball:
        """The sum along an axis."""
        rounding = gamma(self.middle.shape[axis]) * np.abs(self.middle).sum(axis=axis)
        return rounded(self.middle.sum(axis=axis), self.radius.sum(axis=axis) + rounding)

    def inverse(self) -> Ball:
        """1/x for positive numbers."""
        return rounded(1.0 / self.middle, self.radius / (self.middle * self._least()))

    def root(self) -> Ball:
        """√x for positive numbers."""
        return rounded(np.sqrt(self.middle), self.radius / np.sqrt(self._least()))

    def _least(self) -> Array:
        least = self.middle - self.radius * SLACK
        if not (least > TINY).all():
            raise ValueError("a number that is divided by may be zero")
        return least


def exact(values: Any) -> Ball:
    """Known numbers."""
    middle = np.asarray(values, np.float64)
    return Ball(middle, np.zeros_like(middle))


def rounded(middle: Array, radius: Array) -> Ball:
    """What is left to add to a radius: the rounding of the middle, those of the radius, and underflow."""
    radius = (radius + U * np.abs(middle)) * SLACK + TINY
    if not (np.isfinite(middle).all() and np.isfinite(radius).all()):
        raise ValueError("a number goes beyond float64")
    return Ball(np.asarray(middle, np.float64), np.asarray(radius, np.float64))
