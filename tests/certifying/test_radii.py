import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipbuild.certifying.radii import (
    binary_radii,
    margin_radii,
    pairwise_distances,
    pairwise_radii,
    regression_intervals,
    targeted_radii,
)

logit = st.floats(-1e6, 1e6)
constant = st.floats(1e-6, 1e6)


@given(st.lists(logit, min_size=3, max_size=3), constant, st.floats(0, 1e-3))
def test_a_pairwise_radius_is_not_above_the_exact_quotient(z, rest, error):
    kernel = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    distances = pairwise_distances(kernel)
    radius = float(pairwise_radii(np.array([z]), distances, rest, error=error)[0])
    i = int(np.argmax(z))
    for j in range(3):
        if j != i:
            square = sum(
                (Fraction(float(a)) - Fraction(float(b))) ** 2 for a, b in zip(kernel[:, i], kernel[:, j])
            )
            margin = Fraction(z[i]) - Fraction(z[j]) - 2 * Fraction(error)
            if radius > 0.0:
                assert margin > 0
                assert (Fraction(radius) * Fraction(rest)) ** 2 * square <= margin**2


@given(st.lists(logit, min_size=3, max_size=3), constant)
def test_a_pairwise_radius_loses_only_rounding(z, rest):
    kernel = np.eye(3, dtype=np.float32)
    radius = float(pairwise_radii(np.array([z]), pairwise_distances(kernel), rest)[0])
    ordered = sorted(z)
    assert radius == pytest.approx(
        (ordered[-1] - ordered[-2]) / (math.sqrt(2.0) * rest), rel=1e-12, abs=1e-300
    )


def test_distances_of_columns_are_not_below_the_exact_ones():
    for scale in (1e-38, 1.0, 1e30):
        kernel = (np.random.default_rng(1).standard_normal((50, 6)) * scale).astype(np.float32)
        distances = pairwise_distances(kernel)
        for i in range(6):
            for j in range(6):
                square = sum(
                    (Fraction(float(a)) - Fraction(float(b))) ** 2
                    for a, b in zip(kernel[:, i], kernel[:, j], strict=True)
                )
                assert Fraction(distances[i, j]) ** 2 >= square
                assert Fraction(distances[i, j]) ** 2 <= square * (1 + Fraction(1, 10**13))


def test_pairwise_radii_are_at_least_those_of_the_plain_margin():
    rng = np.random.default_rng(2)
    kernel = rng.standard_normal((8, 5)).astype(np.float32)
    norm = float(np.linalg.norm(kernel.astype(np.float64), 2)) * (1 + 1e-12)
    logits = rng.standard_normal((200, 5))
    pairwise = pairwise_radii(logits, pairwise_distances(kernel), 2.0)
    plain = margin_radii(logits, norm * 2.0)
    assert (pairwise >= plain * (1 - 1e-11)).all()
    assert pairwise.mean() > plain.mean()


def test_a_perturbation_inside_the_radius_never_changes_the_class_of_a_linear_map():
    rng = np.random.default_rng(3)
    kernel = rng.standard_normal((6, 4))
    x = rng.standard_normal((50, 6))
    radii = pairwise_radii(x @ kernel, pairwise_distances(kernel), 1.0)
    for sample, radius in zip(x, radii, strict=True):
        i = int(np.argmax(sample @ kernel))
        for j in range(4):
            direction = kernel[:, j] - kernel[:, i]
            if j != i:
                moved = sample + direction / np.linalg.norm(direction) * radius * (1 - 1e-12)
                assert int(np.argmax(moved @ kernel)) == i
    # The radius of a linear map is exact: the nearest boundary is reached just outside.
    targets = targeted_radii(x @ kernel, pairwise_distances(kernel), 1.0)
    nearest = np.argmin(targets, axis=1)
    for sample, radius, j in zip(x, radii, nearest, strict=True):
        i = int(np.argmax(sample @ kernel))
        direction = kernel[:, j] - kernel[:, i]
        moved = sample + direction / np.linalg.norm(direction) * radius * (1 + 1e-9)
        assert int(np.argmax(moved @ kernel)) != i


def test_ties_have_the_radius_zero():
    assert pairwise_radii(np.array([[1.0, 1.0, 0.0]]), 1.0 - np.eye(3), 1.0)[0] == 0.0
    assert binary_radii(np.array([0.0]), 1.0)[0] == 0.0


def test_the_error_of_a_logit_is_taken_from_both_sides_of_a_margin():
    distances = np.array([[0.0, 2.0], [2.0, 0.0]])
    radius = pairwise_radii(np.array([[3.0, 1.0]]), distances, 1.0, error=0.25)[0]
    assert radius == pytest.approx(0.75, rel=1e-14)
    assert pairwise_radii(np.array([[3.0, 1.0]]), distances, 1.0, error=1.0)[0] == 0.0


def test_the_radius_of_a_given_class_is_zero_where_another_is_predicted():
    distances = 1.0 - np.eye(2)
    radii = pairwise_radii(np.array([[3.0, 1.0], [1.0, 3.0]]), distances, 1.0, source=np.array([0, 0]))
    assert radii[0] > 0.0
    assert radii[1] == 0.0


def test_targeted_radii_have_the_pairwise_one_as_their_least():
    logits = np.array([[3.0, 1.0, 2.5]])
    targets = targeted_radii(logits, 1.0 - np.eye(3), 1.0)
    assert targets[0, 0] == np.inf
    assert targets[0, 2] < targets[0, 1]
    assert pairwise_radii(logits, 1.0 - np.eye(3), 1.0)[0] == targets[0, 2]


def test_a_constant_network_cannot_change_its_class():
    assert pairwise_radii(np.array([[3.0, 1.0]]), 1.0 - np.eye(2), 0.0)[0] == np.inf
    assert pairwise_radii(np.array([[1.0, 1.0]]), 1.0 - np.eye(2), 0.0)[0] == 0.0


def test_an_infinite_constant_certifies_nothing():
    assert pairwise_radii(np.array([[3.0, 1.0]]), 1.0 - np.eye(2), math.inf)[0] == 0.0
    assert binary_radii(np.array([3.0]), math.inf)[0] == 0.0


def test_a_binary_radius_is_the_distance_of_the_logit_from_the_threshold():
    radii = binary_radii(np.array([[-2.0], [3.0]]), 4.0, threshold=1.0)
    np.testing.assert_allclose(radii, [0.75, 0.5], rtol=1e-14)
    assert (radii <= [0.75, 0.5]).all()


@given(logit, constant, st.floats(0, 1e3), st.floats(0, 1))
def test_a_regression_interval_holds_the_exact_one(f, lipschitz, radius, error):
    low, high = regression_intervals(np.array([f]), lipschitz, radius, error=error)
    reach = Fraction(lipschitz) * Fraction(radius) + Fraction(error)
    assert Fraction(float(low[0])) <= Fraction(f) - reach
    assert Fraction(float(high[0])) >= Fraction(f) + reach


@pytest.mark.parametrize(
    "call",
    [
        lambda: pairwise_radii(np.array([[1.0, np.nan]]), 1.0 - np.eye(2), 1.0),
        lambda: pairwise_radii(np.array([[1.0, 0.0]]), 1.0 - np.eye(2), -1.0),
        lambda: pairwise_radii(np.array([[1.0, 0.0]]), 1.0 - np.eye(2), math.nan),
        lambda: pairwise_radii(np.array([[1.0, 0.0]]), 1.0 - np.eye(2), 1.0, error=-1.0),
        lambda: pairwise_radii(np.array([[1.0, 0.0]]), 1.0 - np.eye(3), 1.0),
        lambda: pairwise_radii(np.array([[1.0, 0.0]]), -np.ones((2, 2)), 1.0),
        lambda: pairwise_radii(np.array([[1.0]]), np.zeros((1, 1)), 1.0),
        lambda: pairwise_radii(np.array([1.0, 0.0]), 1.0 - np.eye(2), 1.0),
        lambda: pairwise_radii(np.array([[1, 0]]), 1.0 - np.eye(2), 1.0),
        lambda: binary_radii(np.array([[1.0, 0.0]]), 1.0),
        lambda: regression_intervals(np.array([1.0]), 1.0, -1.0),
    ],
)
def test_what_certifies_nothing_is_refused(call):
    with pytest.raises(ValueError):
        call()
