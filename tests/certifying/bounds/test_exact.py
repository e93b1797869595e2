from fractions import Fraction

import numpy as np
import pytest

from lipbuild.certifying.bounds import convolution, dense
from lipbuild.certifying.bounds.integers import integers, root_down, root_up
from tests.certifying.bounds.operators import convolution_matrix, orthogonal_convolution
from tests.certifying.bounds.oracle import norm_at_least, norm_at_most
from tests.certifying.bounds.samples import random_convolution, random_matrix


def test_integers_are_the_weights_exactly():
    for seed in range(20):
        _, matrix = random_matrix(np.random.default_rng(seed))
        weights = matrix.astype(np.float64)
        values, exponent = integers(weights)
        assert [v * Fraction(2) ** exponent for v in values] == [
            Fraction(w) for w in weights.ravel().tolist()
        ]


@pytest.mark.parametrize(
    "square", [Fraction(2), Fraction(1, 3), Fraction(10) ** 300, Fraction(1, 10**700), Fraction(4)]
)
def test_roots_enclose_the_exact_root(square):
    assert Fraction(root_down(square)) ** 2 <= square <= Fraction(root_up(square)) ** 2


class TestWithFlint:
    @pytest.fixture(autouse=True)
    def _flint(self):
        pytest.importorskip("flint", reason="python-flint, an extra, is not installed")

    @pytest.mark.parametrize("seed", range(40))
    def test_an_exact_bound_encloses_the_norm(self, seed):
        from lipbuild.certifying.bounds.exact import exact_dense

        kind, matrix = random_matrix(np.random.default_rng(seed))
        bound = exact_dense(matrix)
        assert bound.level == "exact"
        assert norm_at_most(matrix, bound.upper), kind
        assert norm_at_least(matrix, bound.lower), kind

    def test_an_exact_bound_is_tighter_than_that_in_floats(self):
        from lipbuild.certifying.bounds.exact import exact_dense

        kernel = np.linalg.qr(np.random.default_rng(0).standard_normal((128, 128)))[0].astype(np.float32)
        exact, rounded = exact_dense(kernel), dense(kernel)
        assert exact.lower <= exact.upper <= rounded.upper
        assert exact.lower >= rounded.lower
        assert exact.excess <= 1e-14

    @pytest.mark.parametrize("explicit_order", [0, 512], ids=["frequencies", "explicit"])
    @pytest.mark.parametrize("seed", range(12))
    def test_an_exact_bound_of_a_convolution_encloses_its_norm(self, seed, explicit_order):
        from lipbuild.certifying.bounds.exact import exact_convolution

        sample = random_convolution(np.random.default_rng(seed))
        bound = exact_convolution(**sample, explicit_order=explicit_order)
        matrix = convolution_matrix(
            sample["kernel"].astype(np.float64),
            sample["input_shape"],
            sample["strides"],
            sample["padding"],
            sample["dilation_rate"],
            sample["groups"],
        )
        assert norm_at_most(matrix, bound.upper)
        assert norm_at_least(matrix, bound.lower)

    def test_an_orthogonal_convolution_is_bounded_exactly_within_a_millionth(self):
        from lipbuild.certifying.bounds.exact import exact_convolution

        kernel = orthogonal_convolution(8, 3)
        exact = exact_convolution(kernel, (32, 32), padding="same")
        assert exact.upper <= 1.0 + 1e-6
        assert exact.upper <= convolution(kernel, (32, 32), padding="same").upper
