from __future__ import annotations

import math
from fractions import Fraction

import numpy as np


def scale_down(factor: float, count: int) -> float:
    """The greatest float32 number that is at most factor · √count.

    A layer multiplies by a float32 number; rounded to the nearest one, √6 would exceed itself by 6e-8, and
    the layer its constant.

    Args:
        factor: The constant k, positive.
        count: The number of averaged values.
    """
    single = np.float32(factor * math.sqrt(count))
    square = Fraction(factor) ** 2 * count
    while Fraction(float(single)) ** 2 > square:
        single = np.nextafter(single, np.float32(0.0))
    return float(single)
