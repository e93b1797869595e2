import cmath
import math
from fractions import Fraction

import pytest

from lipbuild.certifying.bounds.roots import cosine_down, unit_root


@pytest.mark.parametrize("denominator", [1, 2, 3, 8, 33, 66, 1000])
def test_roots_of_unity_are_those_of_the_library(denominator):
    for numerator in range(-3, min(denominator, 80)):
        expected = cmath.exp(2j * math.pi * numerator / denominator)
        assert abs(complex(*unit_root(numerator, denominator)) - expected) <= 4e-15


def test_the_error_of_a_root_is_below_the_unit_roundoff():
    # cos² + sin² = 1 exactly: the computed pair is off by at most 2·(√2·2^-54) + …
    for p in range(67):
        c, s = (Fraction(v) for v in unit_root(p, 67))
        assert abs(c * c + s * s - 1) <= Fraction(2, 2**53)


def test_quarter_turns_are_exact_but_for_the_series():
    assert all(abs(complex(*unit_root(p, 4)) - 1j**p) < 2.0**-120 for p in range(4))


def test_the_lower_bound_of_a_cosine_is_below_a_known_one():
    assert cosine_down(1, 6) < Fraction(1, 2)
    assert cosine_down(1, 6) > Fraction(1, 2) - Fraction(1, 2**120)
    # cos²(π/4) = 1/2
    assert cosine_down(1, 8) ** 2 < Fraction(1, 2)
