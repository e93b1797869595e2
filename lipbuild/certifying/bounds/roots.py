"""Roots of unity with a proved error."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

_BITS = 160
_ONE = 1 << _BITS
# Units in the last of `_BITS` places by which `cosine` and `sine` may be off; the series below lose far less.
_ERROR = 1 << 20


def unit_root(numerator: int, denominator: int) -> tuple[float, float]:
    """The real and imaginary parts of e^{2πi·numerator/denominator}, correctly rounded but for 2^-130.

    The mathematical library of the processor is not trusted: both come from fixed-point Taylor series. As a
    complex number the result is off by at most √2·2^-54 + 2^-130 < u.
    """
    cos, sin = _fixed_point(numerator % denominator, denominator)
    return float(Fraction(cos, _ONE)), float(Fraction(sin, _ONE))


def fixed_point_root(numerator: int, denominator: int, bits: int) -> tuple[int, int]:
    """The parts of e^{2πi·numerator/denominator} in units of 2^-bits, each off by at most one unit.

    Args:
        numerator: p of the angle 2πp/q.
        denominator: q.
        bits: At most 128.
    """
    cos, sin = _fixed_point(numerator % denominator, denominator)
    return cos >> (_BITS - bits), sin >> (_BITS - bits)


def cosine_down(numerator: int, denominator: int) -> Fraction:
    """A rational number at most cos(2π·numerator/denominator), and within 2^-130 of it."""
    return Fraction(_fixed_point(numerator % denominator, denominator)[0] - _ERROR, _ONE)


@cache
def _pi() -> int:
    """⌊π·2^_BITS⌋ up to a few units, by Machin's formula π = 16 arctan(1/5) − 4 arctan(1/239)."""
    return 16 * _arctan_of_inverse(5) - 4 * _arctan_of_inverse(239)


def _arctan_of_inverse(n: int) -> int:
    # Alternating series; each term is truncated, by less than two units, and there are fewer than 80 terms.
    total, power, k = 0, _ONE // n, 0
    while power:
        total += (-1) ** k * (power // (2 * k + 1))
        power //= n * n
        k += 1
    return total


@cache
def _fixed_point(numerator: int, denominator: int) -> tuple[int, int]:
    """Cos and sin of 2π·numerator/denominator in units of 2^-_BITS."""
    # π is off by less than 2^12 units and the angle is at most 2π: the angle x is off by less than 2^14
    # units.
    return _series(2 * _pi() * numerator // denominator)


def _series(x: int) -> tuple[int, int]:
    """Cos and sin of x in units of 2^-_BITS."""
    cos, sin, term, k = 0, 0, _ONE, 0
    # |x| < 6.3, so a term is zero below k = 100. A truncation of one unit grows by at most Σ x^j/j! = e^x <
    # 550 on its way through the later terms, and what is cut off is smaller than that: less than 2^17 units
    # in all.
    while term:
        if k % 2 == 0:
            cos += term if k % 4 == 0 else -term
        else:
            sin += term if k % 4 == 1 else -term
        k += 1
        term = term * x // (_ONE * k)
    return cos, sin
