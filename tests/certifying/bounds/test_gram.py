import numpy as np
import pytest

from lipbuild.certifying.bounds.gram import (
    _top_vector,
    nonnegative_gain_up,
    singular_values,
    singular_values_up,
)


def test_the_top_vector_is_found_where_the_shifted_matrix_is_singular():
    vector = _top_vector(np.diag([0.25, 1.0, 0.5]), 1.0)
    assert abs(vector[1]) == pytest.approx(float(np.linalg.norm(vector)), rel=1e-12)


@pytest.mark.parametrize("shape", [(5, 7, 3), (5, 3, 7), (4, 6, 6), (3, 1, 1), (2, 100, 30)])
def test_both_ends_of_the_spectrum_are_enclosed(shape):
    stack = np.random.default_rng(0).standard_normal(shape) / 4.0
    values = np.linalg.svd(stack, compute_uv=False)
    proved = singular_values(stack, least=True)
    assert values.max() * (1 - 1e-14) <= proved.upper <= values.max() * (1 + 1e-11)
    assert values.min() * (1 - 1e-8) <= proved.lower <= values.min() * (1 + 1e-13)
    gain = np.linalg.norm(stack[proved.index] @ proved.vector) / np.linalg.norm(proved.vector)
    assert gain == pytest.approx(values.max(), rel=1e-10)


def test_the_least_singular_value_of_a_singular_matrix_is_bounded_by_zero():
    assert singular_values(np.ones((1, 4, 4)) / 2.0, least=True).lower <= 1e-7


def test_a_stack_that_is_split_into_parts_has_the_bounds_of_the_whole(monkeypatch):
    stack = np.random.default_rng(1).standard_normal((9, 6, 4)) / 4.0
    whole = singular_values(stack, least=True)
    monkeypatch.setattr("lipbuild.certifying.bounds.gram._CHUNK", 50)
    parts = singular_values(stack, least=True)
    assert (parts.upper, parts.lower) == pytest.approx((whole.upper, whole.lower), rel=1e-13)
    assert parts.index == whole.index


def test_the_gain_of_a_non_negative_matrix_is_bounded_tightly():
    stack = np.abs(np.random.default_rng(2).standard_normal((3, 20, 10)))
    exact = np.linalg.norm(stack, 2, axis=(1, 2)) ** 2
    bound = nonnegative_gain_up(stack)
    assert (bound >= exact * (1 - 1e-13)).all()
    assert (bound <= exact * 1.01).all()


def test_the_gain_of_a_matrix_with_zero_columns_is_bounded():
    stack = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    assert nonnegative_gain_up(stack)[0] == pytest.approx(2.0, rel=1e-6)


@pytest.mark.parametrize("shape", [(5, 7, 3), (5, 3, 7), (40, 6, 6)])
@pytest.mark.parametrize("factor", [0.0, 1e-3, 0.9, 1.0 - 1e-6, 1.0, 1.1])
def test_a_wrong_hint_makes_no_wrong_bound(shape, factor):
    stack = np.random.default_rng(2).standard_normal(shape) / 4.0
    largest = float(np.linalg.svd(stack, compute_uv=False).max())
    proved = singular_values_up(stack, largest**2 * factor)
    assert proved >= largest * (1 - 1e-15)
    if factor == 1.0:
        assert proved <= largest * (1 + 1e-12)


def test_a_hint_of_nothing_is_enough_for_nothing():
    assert singular_values_up(np.zeros((2, 3, 3)), 0.0) <= 1e-70
