"""A small share of tests/benchmarks/fuzz_bounds.py."""

import math

import numpy as np
import pytest

from lipbuild.certifying.bounds import convolution, dense
from tests.certifying.bounds.operators import convolution_matrix
from tests.certifying.bounds.oracle import norm_at_least, norm_at_most
from tests.certifying.bounds.samples import random_convolution, random_matrix


@pytest.mark.parametrize("seed", range(8))
def test_no_bound_of_a_random_matrix_is_below_its_norm(seed):
    rng = np.random.default_rng(seed)
    for _ in range(30):
        kind, matrix = random_matrix(rng)
        bound = dense(matrix)
        assert norm_at_most(matrix, bound.upper), kind
        assert norm_at_least(matrix, bound.lower), kind
        assert bound.excess <= 1e-12 or bound.lower < 1e-300 or math.isinf(bound.upper), kind


def test_no_bound_of_a_larger_matrix_is_below_its_norm():
    # Beyond one block of the Gram matrix's partial sums.
    matrix = np.random.default_rng(0).standard_normal((40, 150)).astype(np.float32)
    bound = dense(matrix)
    assert norm_at_most(matrix, bound.upper)
    assert norm_at_least(matrix, bound.lower)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("explicit_order", [0, 1024], ids=["frequencies", "explicit"])
def test_no_bound_of_a_random_convolution_is_below_its_norm(seed, explicit_order):
    rng = np.random.default_rng(seed)
    for _ in range(8):
        sample = random_convolution(rng)
        bound = convolution(**sample, explicit_order=explicit_order)
        matrix = convolution_matrix(
            sample["kernel"].astype(np.float64),
            sample["input_shape"],
            sample["strides"],
            sample["padding"],
            sample["dilation_rate"],
            sample["groups"],
        )
        assert norm_at_most(matrix, bound.upper), sample
        assert norm_at_least(matrix, bound.lower), sample


def test_the_oracle_tells_a_norm_from_the_floats_around_it():
    matrix = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert norm_at_most(matrix, 5.0)
    assert norm_at_least(matrix, 5.0)
    assert not norm_at_most(matrix, math.nextafter(5.0, 0.0))
    assert not norm_at_least(matrix, math.nextafter(5.0, 6.0))
