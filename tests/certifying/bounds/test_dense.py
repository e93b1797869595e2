import math

import numpy as np
import pytest

from lipbuild.certifying.bounds import Bound, dense


def _orthogonal(n: int, seed: int = 0) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (3, 5), (5, 3), (64, 64), (65, 200), (200, 65)])
@pytest.mark.parametrize("scale", [1e-38, 1e-20, 1.0, 1e29])
def test_the_singular_value_lies_between_the_bounds(shape, scale):
    kernel = (np.random.default_rng(1).standard_normal(shape) * scale).astype(np.float32)
    bound = dense(kernel)
    computed = float(np.linalg.svd(kernel.astype(np.float64) / scale, compute_uv=False)[0]) * scale
    assert bound.lower <= computed * (1 + 1e-13)
    assert bound.upper >= computed * (1 - 1e-13)
    assert bound.excess <= 1e-11


def test_the_bounds_of_a_known_norm_enclose_it():
    # 3-4-5: the norm of a single row is exactly 5.
    bound = dense(np.array([[3.0, 4.0]], np.float32))
    assert bound.lower <= 5.0 <= bound.upper
    assert bound.upper <= 5.0 * (1 + 1e-13)


def test_a_permutation_matrix_has_norm_one():
    bound = dense(np.eye(33, dtype=np.float32)[np.random.default_rng(0).permutation(33)])
    assert bound.lower == 1.0
    assert 1.0 <= bound.upper <= 1.0 + 1e-13


@pytest.mark.parametrize("n", [256, 1024])
def test_orthogonal_kernels_are_bounded_within_a_billionth(n):
    assert dense(_orthogonal(n).astype(np.float32)).excess <= 1e-9


def test_repeated_and_nearly_repeated_singular_values_are_bounded_tightly():
    u, v = _orthogonal(48, 1), _orthogonal(48, 2)
    values = np.concatenate([np.full(20, 1.0), 1.0 - 1e-9 * np.arange(20), np.zeros(8)])
    bound = dense((u * values) @ v)
    assert bound.excess <= 1e-12
    assert abs(bound.upper - 1.0) <= 1e-12


def test_rank_deficient_kernels_are_bounded_tightly():
    bound = dense(np.ones((40, 30), np.float32))
    assert bound.upper >= math.sqrt(1200.0) * (1 - 1e-15)
    assert bound.excess <= 1e-12


@pytest.mark.parametrize("shape", [(3, 4), (0, 4), (4, 0), (0, 0)])
def test_zero_and_empty_kernels_have_the_constant_zero(shape):
    bound = dense(np.zeros(shape, np.float32))
    assert (bound.upper, bound.lower) == (0.0, 0.0)


def test_subnormal_kernels_keep_their_relative_tightness_in_float32():
    kernel = np.full((8, 8), np.float32(1e-45))
    assert float(kernel[0, 0]) > 0.0
    exact = 8.0 * float(kernel[0, 0])
    bound = dense(kernel)
    assert bound.lower <= exact <= bound.upper
    assert bound.excess <= 1e-12


def test_subnormal_float64_kernels_are_bounded():
    bound = dense(np.full((4, 4), 5e-324))
    assert bound.upper >= 4 * 5e-324
    assert bound.upper <= 6 * 5e-324


def test_a_float64_kernel_of_huge_range_is_bounded():
    bound = dense(np.diag([1e300, 1.0, 1e-300]))
    assert bound.lower <= 1e300 <= bound.upper
    assert bound.excess <= 1e-12


def test_a_norm_beyond_float64_is_infinite():
    bound = dense(np.full((10, 10), 1e308))
    assert bound.upper == math.inf
    assert bound.lower >= 1e308


def test_half_precision_kernels_are_taken_exactly():
    kernel = np.random.default_rng(0).standard_normal((5, 6)).astype(np.float16)
    assert dense(kernel) == dense(kernel.astype(np.float64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_kernel_that_is_not_finite_is_refused(bad):
    kernel = np.ones((3, 3), np.float32)
    kernel[1, 2] = bad
    with pytest.raises(ValueError, match="NaN or infinite"):
        dense(kernel)


def test_a_kernel_that_is_no_matrix_is_refused():
    with pytest.raises(ValueError, match="2 axes"):
        dense(np.ones((3, 3, 3), np.float32))


def test_kernels_that_may_not_fit_into_float64_are_refused():
    with pytest.raises(TypeError):
        dense(np.ones((3, 3), np.int64))
    with pytest.raises(TypeError):
        dense(np.ones((3, 3), np.complex64))


def test_the_bound_does_not_depend_on_a_power_of_two():
    kernel = np.random.default_rng(3).standard_normal((20, 30))
    assert dense(np.ldexp(kernel, 100)).upper == math.ldexp(dense(kernel).upper, 100)


def test_a_bound_must_enclose_something():
    with pytest.raises(ValueError):
        Bound(1.0, 2.0, "none")
    with pytest.raises(ValueError):
        Bound(math.nan, 0.0, "none")
