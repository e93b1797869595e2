"""Directed rounding of single float64 operations.

Python has no access to the processor's rounding mode. Each function here takes the result that
round-to-nearest gives as a guess, compares it with the exact value in rational arithmetic, and steps to the
neighbouring float until it lies on the right side. Nothing is assumed of the guess, so the functions hold
whatever the floating-point environment does with subnormal numbers or rounding modes; and a result that is
exact, such as 1 · 1, stays as it is.

For arrays `up` and `down` step one float outwards from a correctly rounded result: round-to-nearest puts the
exact value no further than half the way to a neighbour, hence strictly between the two neighbours of the
rounded result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

UNIT_ROUNDOFF = 2.0**-53
LARGEST = float(np.finfo(np.float64).max)
# A product that underflows is off by less than this, flushed to zero or not.
UNDERFLOW = 2.0**-1022


def require_ieee() -> None:
    """Check that this thread rounds to nearest and keeps subnormal numbers.

    Some libraries switch a thread to flush-to-zero when they are loaded, and then `up` and `down` are void.

    Raises:
        FloatingPointError: If float64 arithmetic on this thread is not that of IEEE 754.
    """
    probe = np.array([1.0, UNDERFLOW, -1.0])
    nearest = probe + np.array([2.0**-53, 0.0, -(2.0**-53)])
    above = probe + np.array([1.5 * 2.0**-53, 0.0, -1.5 * 2.0**-53])
    subnormal = (probe[1:2] * 0.5) * 2.0
    expected = 1.0 + 2.0**-52
    if not (
        nearest[0] == 1.0
        and nearest[2] == -1.0
        and above[0] == expected
        and above[2] == -expected
        and subnormal[0] == UNDERFLOW
    ):
        raise FloatingPointError("float64 arithmetic does not round to nearest with gradual underflow")


def up(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The next float above each correctly rounded value: at least the exact result."""
    with np.errstate(over="ignore"):
        return np.nextafter(values, np.inf)


def down(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The next float below each correctly rounded value: at most the exact result."""
    with np.errstate(over="ignore"):
        return np.nextafter(values, -np.inf)


def _directed(guess: float, below: Callable[[Fraction], bool], towards: float) -> float:
    """Step `guess` outwards until `below`, asked of the exact value of a float, says it is on the right side.

    `below(x)` holds where x is still short of the exact result in the direction `towards`.
    """
    if math.isnan(guess):
        raise FloatingPointError("an operation on bounds has no value")
    if math.isinf(guess):
        if guess == towards:
            return guess  # beyond float64 in the safe direction
        guess = math.copysign(LARGEST, guess)  # overflow in the other one: the largest float may do
    # Leave room for an environment that rounds the guess in an unexpected way.
    while not math.isinf(guess) and below(Fraction(guess)):
        guess = math.nextafter(guess, towards)
    return guess


def _sum(a: float, b: float, towards: float) -> float:
    if math.isinf(a) or math.isinf(b):
        return _directed(a + b, lambda _: False, towards)
    exact = Fraction(a) + Fraction(b)
    return _directed(a + b, (lambda x: x < exact) if towards > 0 else (lambda x: x > exact), towards)


def _product(a: float, b: float, towards: float) -> float:
    if math.isinf(a) or math.isinf(b):
        return _directed(a * b, lambda _: False, towards)
    exact = Fraction(a) * Fraction(b)
    return _directed(a * b, (lambda x: x < exact) if towards > 0 else (lambda x: x > exact), towards)


def _quotient(a: float, b: float, towards: float) -> float:
    if b == 0.0:
        raise ZeroDivisionError("a bound divided by zero")
    if math.isinf(a):
        return _directed(a / b, lambda _: False, towards)
    if math.isinf(b):
        return 0.0 if a == 0.0 or (towards > 0) != ((a > 0) == (b > 0)) else math.nextafter(0.0, towards)
    exact = Fraction(a) / Fraction(b)
    return _directed(a / b, (lambda x: x < exact) if towards > 0 else (lambda x: x > exact), towards)


def add_up(a: float, b: float) -> float:
    """The least float >= a + b."""
    return _sum(a, b, math.inf)


def add_down(a: float, b: float) -> float:
    """The greatest float <= a + b."""
    return _sum(a, b, -math.inf)


def sub_up(a: float, b: float) -> float:
    """The least float >= a − b."""
    return _sum(a, -b, math.inf)


def sub_down(a: float, b: float) -> float:
    """The greatest float <= a − b."""
    return _sum(a, -b, -math.inf)


def mul_up(a: float, b: float) -> float:
    """The least float >= a · b."""
    return _product(a, b, math.inf)


def mul_down(a: float, b: float) -> float:
    """The greatest float <= a · b."""
    return _product(a, b, -math.inf)


def div_up(a: float, b: float) -> float:
    """The least float >= a / b."""
    return _quotient(a, b, math.inf)


def div_down(a: float, b: float) -> float:
    """The greatest float <= a / b."""
    return _quotient(a, b, -math.inf)


def sqrt_up(a: float) -> float:
    """The least float >= √a."""
    if math.isinf(a):
        return a
    exact = Fraction(a)
    return _directed(math.sqrt(a), lambda x: x * x < exact, math.inf)


def sqrt_down(a: float) -> float:
    """The greatest float <= √a."""
    if math.isinf(a):
        return a
    exact = Fraction(a)
    return _directed(math.sqrt(a), lambda x: x * x > exact, -math.inf)


def scale_up(a: float, exponent: int) -> float:
    """The least float >= a · 2^exponent."""
    try:
        guess = math.ldexp(a, exponent)
    except OverflowError:
        guess = math.copysign(math.inf, a)
    exact = Fraction(a) * Fraction(2) ** exponent
    return _directed(guess, lambda x: x < exact, math.inf)


def scale_down(a: float, exponent: int) -> float:
    """The greatest float <= a · 2^exponent."""
    try:
        guess = math.ldexp(a, exponent)
    except OverflowError:
        guess = math.copysign(math.inf, a)
    exact = Fraction(a) * Fraction(2) ** exponent
    return _directed(guess, lambda x: x > exact, -math.inf)


def sum_up(terms: Iterable[float]) -> float:
    """A float >= the sum of the terms."""
    total = 0.0
    for term in terms:
        total = add_up(total, term)
    return total


def norm_up(values: Iterable[float]) -> float:
    """A float >= the Euclidean norm of the values."""
    return sqrt_up(sum_up(mul_up(value, value) for value in values))


def gamma(count: int) -> float:
    """γ_count = count·u / (1 − count·u), rounded up: the relative error of `count` roundings (Higham 2002).

    Raises:
        ValueError: If there are so many roundings that no such bound exists.
    """
    if count < 0 or count >= 2**52:
        raise ValueError(f"no rounding bound for {count} operations")
    return div_up(count * UNIT_ROUNDOFF, 1.0 - count * UNIT_ROUNDOFF)  # both exact: count is below 2^52
