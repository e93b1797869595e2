import numpy as np
import pytest

from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward, inference_error
from lipbuild.certifying.sample_radii import sample_radii, sample_targeted_radii
from tests.certifying.networks import dense_network, in_float32


@pytest.fixture(scope="module")
def certified() -> CertifiedNetwork:
    return CertifiedNetwork.of(dense_network([40, 64, 32, 5]))


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((300, 40)).astype(np.float32)


def test_float32_stays_within_its_bound_of_each_sample(certified, x):
    logits = certified.logits(x)
    differences = np.linalg.norm(in_float32(certified.network, x) - logits.values, axis=1)
    assert (differences > 0.0).any()
    assert (differences <= logits.error32 + logits.error64).all()
    assert (logits.error64 < 1e-11).all()


def test_the_bound_of_a_sample_is_below_that_of_every_input_of_its_norm(certified, x):
    logits = certified.logits(x)
    norms = np.linalg.norm(x.astype(np.float64), axis=1)
    for unit, errors in ((UNIT_ROUNDOFF_32, logits.error32), (UNIT_ROUNDOFF_64, logits.error64)):
        anywhere = inference_error(certified.network, certified.gains, float(norms.max()) * 1.0001, unit)
        assert errors.max() < 0.6 * anywhere


def test_the_bound_grows_with_a_perturbation_by_its_slope(certified, x):
    logits = certified.logits(x)
    moved = x + np.random.default_rng(2).standard_normal(x.shape) * np.logspace(-3, 3, len(x))[:, None]
    moved = moved.astype(np.float32)
    distances = np.linalg.norm(moved.astype(np.float64) - x, axis=1)
    there = certified.logits(moved)
    assert (there.error32 <= (logits.error32 + logits.slope32 * distances) * (1.0 + 1e-9)).all()
    differences = np.linalg.norm(in_float32(certified.network, moved) - there.values, axis=1)
    assert (differences <= logits.error32 + logits.slope32 * distances + there.error64).all()


def test_the_radii_of_float32_are_a_little_smaller(certified, x):
    logits = certified.logits(x)
    real, float32 = (sample_radii(logits, certified.head, s) for s in ("real", "float32"))
    assert (float32 < real).all()
    assert float32.mean() > 0.9 * real.mean()
    assert (sample_radii(logits, certified.head, "guarded") == real).all()


def test_a_margin_that_float32_may_lose_has_no_radius_in_it():
    network = dense_network([4, 2])
    certified = CertifiedNetwork.of(network)
    kernel, bias = network.node("dense0").arrays["kernel"], network.node("dense0").arrays["bias"]
    # On the boundary, moved off it by less than float32 tells apart.
    normal = (kernel[:, 0] - kernel[:, 1]).astype(np.float64)
    x = -normal * ((float(bias[0]) - float(bias[1])) / (normal @ normal)) + 1e-9 * normal
    logits = certified.logits(x[None])
    assert sample_radii(logits, certified.head)[0] > 0.0
    assert logits.decided[0]
    assert sample_radii(logits, certified.head, "float32")[0] == 0.0


def test_no_perturbation_inside_a_float32_radius_changes_a_served_label(certified, x):
    logits = certified.logits(x)
    targeted = sample_targeted_radii(logits, certified.head, "float32")
    labels = logits.labels
    assert (np.argmax(in_float32(certified.network, x), axis=1) == labels)[targeted.min(axis=1) > 0].all()
    # Towards the nearest class along the difference of the Jacobian's rows, found by finite differences.
    step = 1e-6
    for i in range(40):
        basis = x[i].astype(np.float64) + step * np.eye(40)
        jacobian = (forward(certified.network, basis) - logits.values[i]) / step
        j = int(np.argmin(targeted[i]))
        direction = jacobian[:, j] - jacobian[:, labels[i]]
        moved = x[i] + direction / np.linalg.norm(direction) * targeted[i, j] * (1.0 - 1e-6)
        assert np.argmax(in_float32(certified.network, moved[None])) == labels[i]


def test_a_single_logit_is_held_against_0():
    certified = CertifiedNetwork.of(dense_network([6, 8, 1]))
    x = np.random.default_rng(3).standard_normal((50, 6)).astype(np.float32)
    logits = certified.logits(x)
    assert (logits.labels == (logits.values[:, 0] > 0)).all()
    assert (logits.margins == np.abs(logits.values[:, 0])).all()
    radii = sample_radii(logits, certified.head)
    np.testing.assert_allclose(radii, logits.margins / certified.lipschitz, rtol=1e-9)
    assert (radii < logits.margins / certified.lipschitz).all()
    assert (sample_radii(logits, certified.head, "float32") < radii).all()
    ones = np.ones(len(x), np.int64)
    assert ((sample_radii(logits, certified.head, source=ones) > 0) == (logits.labels == 1)).all()


def test_an_activation_of_unknown_rounding_certifies_nothing_in_float32(x):
    certified = CertifiedNetwork.of(dense_network([40, 8, 3], activation="tanh"))
    logits = certified.logits(x)
    assert np.isinf(logits.error32).all()
    assert (sample_radii(logits, certified.head, "float32") == 0.0).all()


def test_what_could_overflow_in_float32_has_no_bound_in_it(certified):
    big = certified.range32
    assert 1e10 < big < 1e19
    x = np.zeros((3, 40))
    x[:, 0] = [0.5 * big, 0.999 * big, 2.0 * big]
    logits = certified.logits(x)
    assert np.isfinite(logits.error32[:2]).all()
    assert np.isinf(logits.error32[2])
    assert np.isfinite(logits.error64).all()
    radii = sample_radii(logits, certified.head, "float32")
    # Nothing is said of inputs beyond the range.
    assert (radii <= np.maximum(big - x[:, 0], 0.0)).all()
    assert np.isinf(certified.error32_within(np.array([2.0 * big]))[0])


def test_weights_that_float32_takes_for_0_certify_nothing_in_it(x):
    network = dense_network([40, 8, 3])
    network.node("dense1").arrays["kernel"][0, 0] = 1e-40
    logits = CertifiedNetwork.of(network).logits(x)
    assert np.isinf(logits.error32).all()
    assert np.isfinite(logits.error64).all()


def test_an_input_that_float32_takes_for_0_is_within_the_error():
    network = dense_network([1, 2])
    network.node("dense0").arrays["kernel"][:] = 2.0**60
    network.node("dense0").arrays["bias"][:] = 0.0
    logits = CertifiedNetwork.of(network).logits(np.array([[2.0**-127]]))
    assert logits.error32[0] >= np.linalg.norm(logits.values[0]) > 0.0


def test_beyond_float64_nothing_is_known():
    logits = CertifiedNetwork.of(dense_network([4, 2], scale=1e20)).logits(
        np.array([np.full(4, 1e300), np.ones(4)])
    )
    assert np.isinf(logits.error64[0])
    assert np.isfinite(logits.error64[1])
    assert np.isfinite(logits.values).all()
