"""Arithmetic on Lipschitz constants that never rounds down: what is stated is at least the true value."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from fractions import Fraction


def _up(exact: Fraction) -> float:
    """The least float that is at least an exact number."""
    try:
        nearest = exact.numerator / exact.denominator
    except OverflowError:
        return math.inf
    if math.isinf(nearest) or Fraction(nearest) >= exact:
        return nearest
    return math.nextafter(nearest, math.inf)


def _high(value: float) -> float:
    """The upper half of a float's bits (Veltkamp's split)."""
    scaled = 134217729.0 * value
    return scaled - (scaled - value)


def mul_up(a: float, b: float) -> float:
    """a·b, rounded up."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    if a == 1.0:
        return b
    if b == 1.0:
        return a
    if 1e-100 < a < 1e100 and 1e-100 < b < 1e100:
        # Dekker's product: the rounding error of a·b is itself a float, and exact here.
        product = a * b
        high_a, high_b = _high(a), _high(b)
        low_a, low_b = a - high_a, b - high_b
        error = ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b
        return product if error <= 0.0 else math.nextafter(product, math.inf)
    return _up(Fraction(a) * Fraction(b))


def sum_up(values: Iterable[float]) -> float:
    """The sum, rounded up."""
    items = list(values)
    if not all(math.isfinite(item) for item in items):
        return math.inf
    return _up(sum((Fraction(item) for item in items), Fraction(0)))


def mean_up(values: Iterable[float]) -> float:
    """The mean, rounded up."""
    items = list(values)
    if not all(math.isfinite(item) for item in items):
        return math.inf
    return _up(sum((Fraction(item) for item in items), Fraction(0)) / len(items))


def root_up(exact: Fraction | int) -> float:
    """The square root of an exact number, rounded up."""
    value = Fraction(exact)
    if value == 0:
        return 0.0
    # An integer root of at least 64 bits, then the few floats around it: value may be beyond any float.
    shift = 64 + max(0, value.denominator.bit_length() - value.numerator.bit_length())
    scaled = (value.numerator << (2 * shift)) // value.denominator
    root = _up(Fraction(math.isqrt(scaled), 1 << shift))
    if math.isinf(root):
        return root
    while Fraction(root) ** 2 < value:
        root = math.nextafter(root, math.inf)
        if math.isinf(root):
            return root
    while root > 0 and Fraction(math.nextafter(root, 0)) ** 2 >= value:
        root = math.nextafter(root, 0)
    return root


def norm_up(values: Iterable[float]) -> float:
    """The Euclidean norm √Σv², rounded up."""
    items = list(values)
    if not all(math.isfinite(item) for item in items):
        return math.inf
    return root_up(sum((Fraction(item) ** 2 for item in items), Fraction(0)))


def float32_down(value: float) -> float:
    """The greatest float32 number that is at most `value`, for a value ≥ 0.

    A constant that a network multiplies by is a float32 in the end; rounded down it keeps what was promised.
    """
    single = float32_nearest(value)
    if single <= value:
        return single
    bits: int = struct.unpack("<I", struct.pack("<f", single))[0]
    below: float = struct.unpack("<f", struct.pack("<I", bits - 1))[0]
    return below


def float32_up(value: float) -> float:
    """A number that is at least `value` and at least the float32 number nearest to it, for a value ≥ 0."""
    return max(value, float32_nearest(value))


def float32_above(value: float) -> float:
    """The least float32 number above a value ≥ 0; infinite where there is none."""
    if not value < 3.4e38:
        return math.inf
    single = float32_nearest(value)
    if single > value:
        return single
    bits: int = struct.unpack("<I", struct.pack("<f", single))[0]
    above: float = struct.unpack("<f", struct.pack("<I", bits + 1))[0]
    return above


def float32_nearest(value: float) -> float:
    """The float32 number nearest to a value."""
    nearest: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return nearest


def decimal_up(value: float, places: int = 9) -> str:
    """A bound with so many decimals, as 1.234567891e+20 where it is large or small; never rounded down."""
    from decimal import ROUND_CEILING

    return decimal_text(value, ROUND_CEILING, places)


def decimal_down(value: float, places: int = 9) -> str:
    """A bound from below, as `decimal_up` writes them; never rounded up."""
    from decimal import ROUND_FLOOR

    return decimal_text(value, ROUND_FLOOR, places)


def decimal_text(value: float, rounding: str, places: int = 9) -> str:
    """A number with so many decimals, or so many digits after the first where it is large or small.

    Args:
        value: Any float.
        rounding: One of `decimal`'s modes.
        places: The number of decimals.
    """
    from decimal import Context, Decimal

    if not math.isfinite(value):
        return f"{value}"
    if value == 0.0 or 1000.0 * 10.0**-places <= abs(value) < 1e9:
        return f"{Decimal(value).quantize(Decimal(10) ** -places, rounding=rounding):f}"
    return f"{Context(prec=places + 1, rounding=rounding).create_decimal(value):.{places}e}"
