"""Exponentials and logarithms from additions and multiplications, with a proved error."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from lipbuild.verifier.floats import Array

_LAST = 700


def exponential(x: Array) -> Array:
    """eˣ for x <= 0, off by at most 16u relative to it, plus 2^-1000.

    −x = i + j/8 + g with whole i and j and 0 <= g < 1/8, all without a rounding: e^{−i} and e^{−j/8} come from tables
    that are correct to half a unit in the last place, e^{−g} from twelve terms of its series.
    """
    minus = np.minimum(-x, float(_LAST))
    i = np.floor(minus)
    eighths = np.floor(8.0 * (minus - i))
    g = (minus - i) - eighths / 8.0
    series = np.zeros_like(g)
    for k in range(12, -1, -1):
        series = series * -g + 1.0 / math.factorial(k)
    whole, part = _powers(_LAST + 1, 1), _powers(8, 8)
    power = whole[i.astype(np.int64)] * part[eighths.astype(np.int64)] * series
    return np.where(-x > _LAST, 0.0, power)


@cache
def _powers(count: int, divisor: int) -> Array:
    """e^{−n/divisor} for n below the count."""
    with localcontext() as context:
        context.prec = 40
        return np.array([float((-Decimal(n) / divisor).exp()) for n in range(count)])


def softplus(x: Array) -> Array:
    """ln(1 + eˣ), off by at most 64u (|x| + 1).

    ln(1 + t) for t in [0, 1] is one step of Newton's method, l + (1 + t) e^{−l} − 1, from a hint l. The step's size
    tells how far off the hint was, and it is squared by the step.

    Raises:
        ArithmeticError: If the hint is off by more than 10^-9.
    """
    t = exponential(-np.abs(x))
    hint = np.log1p(t)
    step = (1.0 + t) * exponential(-hint) - 1.0
    if not (np.abs(step) < 1e-9).all():
        raise ArithmeticError("a logarithm of the mathematical library is wrong")
    return np.maximum(x, 0.0) + (hint + step)


def tanh(x: Array) -> Array:
    """(1 − e^{−2|x|})/(1 + e^{−2|x|}) with the sign of x, off by at most 64u."""
    power = exponential(-2.0 * np.abs(x))
    return np.asarray(np.copysign((1.0 - power) / (1.0 + power), x), np.float64)


def sigmoid(x: Array) -> Array:
    """1/(1 + e^{−x}), off by at most 64u."""
    power = exponential(-np.abs(x))
    return np.asarray(np.where(x < 0.0, power, 1.0) / (1.0 + power), np.float64)


def elu(x: Array, alpha: float = 1.0) -> Array:
    """x above 0 and alpha (eˣ − 1) below, off by at most 64u (|x| + 1) times max(1, |alpha|)."""
    return np.where(x < 0.0, alpha * (exponential(np.minimum(x, 0.0)) - 1.0), x)


def normal_distribution(x: Array) -> Array:
    """Φ(x), the standard normal distribution function, off by at most 16u.

    Its Taylor series at the nearest multiple of 1/16, whose coefficients are correctly rounded; at most 1/32 from there
    the terms after the 16th are below 2^-62. Beyond ±9, where the rest is below 2^-62, it is 0 or 1.
    """
    near = np.minimum(np.maximum(x, -9.0), 9.0)
    place = np.rint(16.0 * near)
    rest = near - place / 16.0
    rows = _normal_series()[place.astype(np.int64) + 144]
    result = np.zeros_like(near)
    for k in range(rows.shape[-1] - 1, -1, -1):
        result = result * rest + rows[..., k]
    return np.where(np.abs(x) > 9.0, (x > 0.0) * 1.0, result)


@cache
def _normal_series() -> Array:
    """The coefficients at n/16 for −144 <= n <= 144: Φ, and the derivatives of φ by Hermite's polynomials."""
    rows = []
    with localcontext() as context:
        context.prec = 60
        root = (2 * Decimal("3.14159265358979323846264338327950288419716939937510582097494")).sqrt()
        for n in range(-144, 145):
            a = Decimal(n) / 16
            density = (-a * a / 2).exp() / root
            term = total = a
            for k in range(3, 400, 2):
                term = term * a * a / k
                total += term
            row, before, hermite, factorial = [Decimal("0.5") + density * total], Decimal(0), Decimal(1), 1
            for k in range(1, 17):
                factorial *= k
                row.append(density * hermite / factorial)
                before, hermite = hermite, -(a * hermite + (k - 1) * before)
            rows.append([float(value) for value in row])
    return np.array(rows)
