import numpy as np
import pytest

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError
from lipbuild.evaluation.serving import compare_served
from tests.certifying.networks import dense_network, in_float32


@pytest.fixture(scope="module")
def certified() -> CertifiedNetwork:
    return CertifiedNetwork.of(dense_network([10, 32, 4]))


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((50, 10)).astype(np.float32)


def test_what_float32_serves_is_within_its_bounds(certified, x):
    logits = certified.logits(x)
    serving = compare_served(logits, in_float32(certified.network, x), logits.labels)
    assert 0.0 < serving.largest_difference < serving.largest_error
    assert (serving.changed, serving.recomputed, serving.abstained) == (0, 0, 0)
    assert serving.guarded_accuracy == 1.0


def test_where_float32_overflows_whatever_is_served_is_explained():
    certified = CertifiedNetwork.of(dense_network([4, 8, 3]))
    x = np.stack([np.full(4, 3e38), np.ones(4)])
    logits = certified.logits(x)
    served = np.array([[np.inf, np.nan, -np.inf], logits.values[1]])
    serving = compare_served(logits, served, logits.labels)
    assert serving.largest_difference is None
    assert serving.recomputed == 1
    served[1] = np.nan
    with pytest.raises(RefusedError, match="sample 1"):
        compare_served(logits, served, logits.labels)


@pytest.mark.parametrize("what", ["half precision", "another weight", "a lost bias"])
def test_what_rounding_cannot_explain_is_refused(certified, x, what):
    logits = certified.logits(x)
    served = in_float32(certified.network, x)
    if what == "half precision":
        # One hidden value rounded to ten bits changes a logit by more than float32 may.
        served = served.astype(np.float16).astype(np.float32) * np.float32(1.0 + 2.0**-10)
    elif what == "another weight":
        served[:, 2] += 0.01 * x[:, 3]
    else:
        served = served - certified.network.node("dense1").arrays["bias"]
    with pytest.raises(RefusedError, match="the served network is not the certified one"):
        compare_served(logits, served, logits.labels)


def test_samples_that_float32_or_float64_cannot_decide_are_counted():
    values = np.array([[1.0, 0.0], [1.0, 0.5], [0.1, 0.0]])
    logits = BoundedLogits(values, np.full(3, 0.06), np.full(3, 0.3), 0.0, np.ones(3))
    serving = compare_served(logits, values, np.zeros(3, np.int64))
    assert (serving.recomputed, serving.abstained) == (2, 1)
    assert serving.guarded_accuracy == pytest.approx(2 / 3)


def test_a_label_that_float32_changes_is_counted():
    values = np.array([[1.0, 0.9], [1.0, 0.0]])
    logits = BoundedLogits(values, np.zeros(2), np.full(2, 0.2), 0.0, np.ones(2))
    assert compare_served(logits, np.array([[0.9, 1.0], [1.0, 0.0]]), np.zeros(2, np.int64)).changed == 1
