from fractions import Fraction

import numpy as np
import pytest

from lipbuild.certifying.bounds import batch_normalization, normalization, scale


def test_a_scale_is_its_largest_factor():
    assert scale(np.array([0.5, -3.0, 1.0], np.float32)).upper == 3.0
    assert scale(-0.25).upper == 0.25


def test_a_scale_that_is_not_finite_is_refused():
    with pytest.raises(ValueError):
        scale(np.array([1.0, np.inf]))


def test_batch_normalisation_is_bounded_by_the_exact_quotient():
    rng = np.random.default_rng(0)
    variance, gamma = rng.random(20).astype(np.float32), rng.standard_normal(20).astype(np.float32)
    bound = batch_normalization(variance, gamma, 1e-3)
    squares = [
        Fraction(float(g)) ** 2 / (Fraction(float(v)) + Fraction(1e-3))
        for v, g in zip(variance, gamma, strict=True)
    ]
    assert Fraction(bound.lower) ** 2 <= max(squares) <= Fraction(bound.upper) ** 2
    assert bound.excess <= 1e-15


def test_batch_normalisation_without_variance_or_epsilon_is_refused():
    with pytest.raises(ValueError, match="no finite constant"):
        batch_normalization(np.zeros(3, np.float32), epsilon=0.0)


def test_standardisation_multiplies_by_the_inverse_of_the_least_deviation():
    bound = normalization(np.array([0.25, 4.0], np.float32))
    assert (bound.lower, bound.upper) == (2.0, 2.0)
    assert normalization(np.array([0.25, 4.0], np.float32), invert=True).upper == 2.0


def test_a_vanishing_deviation_is_held_at_the_floor():
    assert normalization(np.zeros(2, np.float32)).upper == pytest.approx(1e7)


def test_a_negative_variance_is_refused():
    with pytest.raises(ValueError):
        normalization(np.array([-1.0], np.float32))
