import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipbuild.certifying.bounds import rounding as r

floats = st.floats(allow_nan=False, allow_infinity=False)
magnitudes = st.floats(min_value=0.0, allow_infinity=False)


def _value(x: float) -> Fraction | float:
    return x if math.isinf(x) else Fraction(x)


@given(floats, floats)
def test_sums_and_products_enclose_the_exact_value_tightly(a, b):
    for low, high, exact in (
        (r.add_down(a, b), r.add_up(a, b), Fraction(a) + Fraction(b)),
        (r.sub_down(a, b), r.sub_up(a, b), Fraction(a) - Fraction(b)),
        (r.mul_down(a, b), r.mul_up(a, b), Fraction(a) * Fraction(b)),
    ):
        assert _value(low) <= exact <= _value(high)
        assert high <= math.nextafter(low, math.inf)


@given(floats, floats.filter(bool))
def test_quotients_enclose_the_exact_value_tightly(a, b):
    low, high, exact = r.div_down(a, b), r.div_up(a, b), Fraction(a) / Fraction(b)
    assert _value(low) <= exact <= _value(high)
    assert high <= math.nextafter(low, math.inf)


@given(magnitudes)
def test_square_roots_enclose_the_exact_value_tightly(a):
    low, high = r.sqrt_down(a), r.sqrt_up(a)
    assert low >= 0.0
    assert Fraction(low) ** 2 <= Fraction(a) <= Fraction(high) ** 2
    assert high <= math.nextafter(low, math.inf)


@given(floats, st.integers(-3000, 3000))
def test_scaling_encloses_the_exact_value(a, exponent):
    exact = Fraction(a) * Fraction(2) ** exponent
    assert _value(r.scale_down(a, exponent)) <= exact <= _value(r.scale_up(a, exponent))


def test_exact_results_stay_as_they_are():
    assert r.mul_up(1.0, 1.0) == 1.0
    assert r.add_up(0.5, 0.5) == 1.0
    assert r.sqrt_up(4.0) == 2.0
    assert r.mul_up(0.0, 3.0) == 0.0


def test_underflow_rounds_away_from_zero_on_the_upper_side_only():
    assert r.mul_up(5e-324, 0.5) == 5e-324
    assert r.mul_down(5e-324, 0.5) == 0.0


def test_overflow_is_infinite_on_the_upper_side_and_finite_on_the_lower():
    assert r.mul_up(1e200, 1e200) == math.inf
    assert r.mul_down(1e200, 1e200) == r.LARGEST
    assert r.scale_up(1.0, 5000) == math.inf


def test_infinite_operands_give_what_the_limit_gives():
    assert r.div_down(1.0, math.inf) == 0.0
    assert r.div_up(1.0, math.inf) == 5e-324
    assert r.add_up(math.inf, 1.0) == math.inf


def test_zero_times_infinity_is_refused():
    with pytest.raises(FloatingPointError):
        r.mul_up(0.0, math.inf)


def test_division_by_zero_is_refused():
    with pytest.raises(ZeroDivisionError):
        r.div_up(1.0, 0.0)


@given(st.lists(magnitudes.filter(lambda x: x < 1e150), max_size=20))
def test_norms_and_sums_are_not_below_the_exact_value(values):
    assert Fraction(r.norm_up(values)) ** 2 >= sum(Fraction(v) ** 2 for v in values)
    assert Fraction(r.sum_up(values)) >= sum(Fraction(v) for v in values)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 10**6, 2**51])
def test_gamma_is_not_below_its_definition(count):
    u = Fraction(1, 2**53)
    assert Fraction(r.gamma(count)) >= count * u / (1 - count * u)


def test_gamma_refuses_more_roundings_than_it_holds_for():
    with pytest.raises(ValueError):
        r.gamma(2**52)


@given(floats, floats)
def test_stepped_arrays_enclose_the_exact_sum(a, b):
    with np.errstate(over="ignore"):
        computed = np.array([a]) + np.array([b])
    if np.isfinite(computed).all():
        exact = Fraction(a) + Fraction(b)
        assert _value(float(r.down(computed)[0])) <= exact <= _value(float(r.up(computed)[0]))


def test_the_floating_point_environment_of_the_tests_is_that_of_ieee():
    r.require_ieee()
