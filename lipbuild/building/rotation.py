"""Pairs of channels in a rotated basis, in which sorting is an absolute value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rotated(values: Array, axis: int) -> Array:
    """The halves a and b of an axis as (a + b)/√2 and (a − b)/√2, side by side. Doing it twice changes nothing.

    For a pair max = (s + |t|)/√2 and min = (s − |t|)/√2 with s and t its rotated values, so sorting pairs is the
    absolute value of one half of the channels, between two rotations.

    Args:
        values: An array whose axis has an even length.
        axis: The axis.
    """
    first, second = np.split(values, 2, axis=axis)
    return np.concatenate([first + second, first - second], axis=axis) * np.sqrt(0.5)
