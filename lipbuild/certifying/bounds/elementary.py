"""The exponential and the logarithm from additions and multiplications, so that their error can be proved."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from lipbuild.certifying.bounds.arrays import Array

# ln 2 in two parts: the first has 32 bits, so that its product with an exponent below 2^11 is exact.
_LN2_HIGH = math.ldexp(math.floor(math.ldexp(math.log(2.0), 32)), -32)
_LN2_LOW = float(
    Fraction(
        # ln 2 with 40 digits; what a float keeps of the rest has an error below 2^-85.
        6931471805599453094172321214581765680755,
        10**40,
    )
    - Fraction(_LN2_HIGH)
)
_INVERSE_FACTORIALS = [1.0 / math.factorial(k) for k in range(17, -1, -1)]
_INVERSE_ODDS = [1.0 / k for k in range(41, 0, -2)]


def exponential(x: Array) -> Array:
    """eˣ for x <= 0, off by at most 16u relative to it, plus 2^-1000.

    With x = n ln 2 + r, |r| < .35: n·high is exact and x − n·high too but for one rounding of a number below
    1, so r is off by less than 2u; the Taylor polynomial of degree 17 leaves less than 2^-78, and Horner's
    rule on coefficients that fall this fast less than 8u. Where eˣ < 2^-1000 the result is 0.

    Args:
        x: Numbers, none positive.
    """
    n = np.rint(np.maximum(x, -700.0) / math.log(2.0))
    r = (np.maximum(x, -700.0) - n * _LN2_HIGH) - n * _LN2_LOW
    result = np.full_like(x, _INVERSE_FACTORIALS[0])
    for coefficient in _INVERSE_FACTORIALS[1:]:
        result = result * r + coefficient
    return np.where(x < -700.0, 0.0, np.ldexp(result, n.astype(np.int64)))


def logarithm_of_one_plus(y: Array) -> Array:
    """ln(1 + y) for 0 <= y <= 1, off by at most 16u relative to it.

    2 artanh(s) with s = y/(2 + y) <= 1/3, by 21 terms of its series: the rest is below 2^-68 of the value.

    Args:
        y: Numbers in [0, 1].
    """
    s = y / (2.0 + y)
    square = s * s
    result = np.full_like(y, _INVERSE_ODDS[0])
    for coefficient in _INVERSE_ODDS[1:]:
        result = result * square + coefficient
    return np.asarray(2.0 * s * result, np.float64)


def normal_distribution(x: Array) -> Array:
    """Φ(x), the standard normal distribution function, off by at most 400u.

    ½ + φ(x)·Σ x^(2n+1)/(1·3·5…(2n+1)), whose terms have one sign: 3n roundings in the n-th of 150, and 81u in
    φ(x) = exp(−x²/2)/√(2π), relative to at most ½. Beyond ±9, where the rest is below 2^-62, it is 0 or 1.

    Args:
        x: Any numbers.
    """
    near = np.clip(x, -9.0, 9.0)
    square = near * near
    term = near
    total = near
    for n in range(1, 150):
        term = term * square / (2 * n + 1)
        total = total + term
    inside = 0.5 + exponential(-0.5 * square) / math.sqrt(2.0 * math.pi) * total
    return np.where(np.abs(x) > 9.0, np.where(x > 0.0, 1.0, 0.0), inside)
