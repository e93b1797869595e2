"""Weights as integers, for proofs without a rounding."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from lipbuild.certifying.bounds.arrays import Array


def integers(weights: Array) -> tuple[list[int], int]:
    """The weights as integers times a common power of two.

    Args:
        weights: Finite float64, any shape.

    Returns:
        The integers in C order and the exponent e with weights = integers · 2^e, exactly.
    """
    mantissas, exponents = np.frexp(weights.ravel())
    bits = 53
    scaled = np.ldexp(mantissas, bits).astype(np.int64)
    nonzero = scaled != 0
    if not nonzero.any():
        return [0] * scaled.size, 0
    # Weights of 24 bits leave zeros at the end of all integers.
    spare = 29 if not np.any(scaled & ((1 << 29) - 1)) else 0
    scaled >>= spare
    least = int(exponents[nonzero].min())
    shifts = np.where(nonzero, exponents - least, 0)
    values = [m << s for m, s in zip(scaled.tolist(), shifts.tolist(), strict=True)]
    return values, least - bits + spare


def root_up(square: Fraction) -> float:
    """The least float >= √square, or infinity."""
    if square <= 0:
        return 0.0
    guess = _near_root(square)
    while math.isfinite(guess) and Fraction(guess) ** 2 < square:
        guess = math.nextafter(guess, math.inf)
    return guess


def root_down(square: Fraction) -> float:
    """The greatest float <= √square, or one a few steps below it."""
    if square <= 0:
        return 0.0
    guess = min(_near_root(square), math.nextafter(math.inf, 0.0))
    while Fraction(guess) ** 2 > square:
        guess = math.nextafter(guess, 0.0)
    return guess


def _near_root(square: Fraction) -> float:
    """√square to within an ulp or two, without overflow on the way; not above the root by more than that."""
    # 2^(2k) · square has between 128 and 130 bits before the point: its integer root has all of a float's.
    k = (129 - (square.numerator.bit_length() - square.denominator.bit_length())) // 2
    root = math.isqrt(math.floor(square * Fraction(4) ** k))
    try:
        return float(Fraction(root) / Fraction(2) ** k)
    except OverflowError:
        return math.inf
