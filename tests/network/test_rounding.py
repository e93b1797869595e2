import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipbuild.network.rounding import (
    decimal_down,
    decimal_up,
    float32_down,
    mean_up,
    mul_up,
    norm_up,
    root_up,
    sum_up,
)

constants = st.floats(0, 1e308)


@given(constants, constants)
def test_a_product_is_the_least_float_that_is_not_below(a: float, b: float) -> None:
    product = mul_up(a, b)
    assert product == math.inf or Fraction(product) >= Fraction(a) * Fraction(b)
    assert product in (0, math.inf) or Fraction(math.nextafter(product, 0)) < Fraction(a) * Fraction(b)


@given(st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_a_product_of_ordinary_constants_is_the_least_float_that_is_not_below(a: float, b: float) -> None:
    product = mul_up(a, b)
    assert Fraction(math.nextafter(product, 0)) < Fraction(a) * Fraction(b) <= Fraction(product)


@given(st.lists(constants, min_size=1, max_size=5))
def test_sums_means_and_norms_are_never_below(values: list[float]) -> None:
    exact = [Fraction(value) for value in values]
    assert sum_up(values) == math.inf or Fraction(sum_up(values)) >= sum(exact)
    assert Fraction(mean_up(values)) * len(values) >= sum(exact)
    norm = norm_up(values)
    assert norm == math.inf or Fraction(norm) ** 2 >= sum(value**2 for value in exact)
    assert norm <= math.nextafter(math.nextafter(math.hypot(*values), math.inf), math.inf)


@pytest.mark.parametrize(("value", "root"), [(0, 0.0), (1, 1.0), (4, 2.0), (9, 3.0), (Fraction(1, 4), 0.5)])
def test_a_root_that_is_a_float_is_exact(value: Fraction | int, root: float) -> None:
    assert root_up(value) == root


@given(st.floats(1e-30, 1e30))
def test_a_float32_is_the_greatest_that_is_not_above(value: float) -> None:
    import struct

    single = float32_down(value)
    assert single <= value
    bits = struct.unpack("<I", struct.pack("<f", single))[0]
    assert struct.unpack("<f", struct.pack("<I", bits + 1))[0] > value


def test_what_is_infinite_stays_so() -> None:
    assert mul_up(math.inf, 0.0) == math.inf
    assert sum_up([1.0, math.inf]) == math.inf
    assert mean_up([1.0, math.inf]) == math.inf
    assert norm_up([1.0, math.inf]) == math.inf


@pytest.mark.parametrize(
    "value", [0.0, 5e-324, 1e-7, 3.14159265358979e-4, 1.0, 1234567.0, 1e22, 1.7e308, math.inf]
)
def test_numbers_of_any_size_are_written_on_the_right_side(value: float) -> None:
    for places in (6, 9):
        assert float(decimal_down(value, places)) <= value <= float(decimal_up(value, places))
        assert len(decimal_up(value, places)) < 20
