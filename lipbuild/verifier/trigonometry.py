"""Sines and cosines in decimal arithmetic: the mathematical library is not trusted."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803")
_DIGITS = 80


def cosine_and_sine(angle: Decimal) -> tuple[Decimal, Decimal]:
    """Both of an angle below 10^9, with an error below 10^-50."""
    with localcontext() as context:
        context.prec = _DIGITS
        x = angle % (2 * PI)
        # |x| < 6.3: the terms of both series fall below 10^-60 before the hundredth.
        cos, sin, term = Decimal(0), Decimal(0), Decimal(1)
        for k in range(100):
            if k % 2 == 0:
                cos += term if k % 4 == 0 else -term
            else:
                sin += term if k % 4 == 1 else -term
            term = term * x / (k + 1)
        return cos, sin


@cache
def exact_root_of_unity(numerator: int, denominator: int) -> tuple[Decimal, Decimal]:
    """Real and imaginary part of e^{2πi · numerator / denominator}, with an error below 10^-50."""
    with localcontext() as context:
        context.prec = _DIGITS
        return cosine_and_sine(2 * PI * (numerator % denominator) / denominator)


def root_of_unity(numerator: int, denominator: int) -> tuple[float, float]:
    """The same, each part within u/2 of it."""
    cos, sin = exact_root_of_unity(numerator % denominator, denominator)
    return float(cos), float(sin)
