"""What this verifier assumes of floating point, and bounds by it.

Assumed: float64 arithmetic of IEEE 754 in round-to-nearest; products of matrices and sums add rounded products or
terms in any order, with or without fused multiply-add, but not by Strassen's algorithm. Then a sum of n terms is off
by at most γ_n = n·u/(1 − n·u) times the sum of their magnitudes (Higham 2002). Nothing is assumed of libraries that
factorise matrices or compute elementary functions.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

U = 2.0**-53
U32 = 2.0**-24
# By unit roundoff: half of what is far enough below the largest number. A sum that is at most that in exact arithmetic
# is at most twice that when it is computed, for γ is at most 1.
LARGEST = {U: 2.0**1000, U32: 2.0**126}
# More than what rounding takes from a sum of up to 2^22 terms that are not negative, and from a few products of them.
SLACK = 1.0 + 2.0**-30
# More than what a product or a sum that underflows can lose, summed over everything that is summed here.
TINY = 2.0**-900


def check_arithmetic() -> None:
    """Check that this thread rounds to nearest and keeps subnormal numbers; some libraries switch that off.

    Raises:
        ArithmeticError: If it does not.
    """
    one, tiny = np.array([1.0, -1.0]), np.array([2.0**-1022])
    nearest = np.array_equal(one + one * U, one) and np.array_equal(
        one + one * (1.5 * U), one * (1.0 + 2.0 * U)
    )
    if not nearest or (tiny * 0.5)[0] * 2.0 != tiny[0]:
        raise ArithmeticError("float64 arithmetic does not round to nearest with gradual underflow")


def at_most(needed: float | Fraction | Array, stated: float | Array) -> NDArray[np.bool_]:
    """Whether needed <= stated, entry by entry: how every computed bound is compared with what is stated.

    What is NaN or infinite on either side, as after an overflow on the way, proves nothing. Fractions are finite, and
    are compared with numbers exactly.
    """
    sides = [np.asarray(side) for side in (needed, stated)]
    finite = [np.isfinite(side) for side in sides if side.dtype != object]
    return np.asarray(np.logical_and.reduce(np.broadcast_arrays(*finite, sides[0] <= sides[1])), np.bool_)


def gamma(count: float, unit: float = U) -> float:
    """γ_count, rounded up; infinite where there are too many roundings for a bound."""
    return count * unit / (1.0 - count * unit) * SLACK if count * unit < 0.5 else float("inf")


def root_of_squares(x: Array) -> Array:
    """√Σx² over the last axis, off by at most γ_{n+4} relative to itself, however large or small the numbers are.

    Where one is NaN the result is NaN, and where one is infinite it is infinite.
    """
    exponents = np.frexp(np.max(np.abs(x), axis=-1, initial=0.0))[1]
    # Exact, but for what is below 2^-1000 of the largest.
    scaled = np.ldexp(x, -exponents[..., None])
    return np.asarray(np.ldexp(np.sqrt(np.sum(scaled * scaled, axis=-1)), exponents), np.float64)


def norms(array: Array) -> Array:
    """Upper bounds of the Euclidean norms over all axes but the first, none of which has more than 2^22 entries."""
    if array.size == 0:
        return np.full(len(array), TINY)
    flat = array.reshape(len(array), -1, array.shape[-1])
    peak = np.max(np.abs(flat), axis=(1, 2), keepdims=True)
    scaled = flat / np.where(peak > 0.0, peak, 1.0)
    squares = np.sum(np.sum(scaled * scaled, axis=2), axis=1)
    return np.asarray(np.sqrt(squares) * peak[:, 0, 0] * SLACK + TINY, np.float64)


def norm(array: Array) -> float:
    """An upper bound of the Euclidean norm of all entries."""
    return float(norms(array[None] if array.ndim else array.reshape(1, 1))[0])
