import numpy as np
import pytest

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.evaluation.calibration import calibrate
from lipbuild.evaluation.judged import judge


def judged(logits, targets):
    logits = np.asarray(logits, np.float64)
    zeros = np.zeros(len(logits))
    return judge(BoundedLogits(logits, zeros, zeros, 0.0, zeros), None, np.asarray(targets))


def test_the_share_of_pairs_in_the_right_order_is_counted():
    rng = np.random.default_rng(0)
    logits, targets = rng.standard_normal((60, 3)), rng.integers(0, 3, 60)
    samples = judged(logits, targets)
    margins, right = samples.logits.margins, samples.right
    pairs = [(a > b) + 0.5 * (a == b) for a in margins[right] for b in margins[~right]]
    assert calibrate(samples).auroc == pytest.approx(np.mean(pairs))


def test_without_a_wrong_sample_there_is_no_such_share():
    logits = np.eye(3)
    assert calibrate(judged(logits, [0, 1, 2])).auroc is None


def test_bins_hold_all_samples_in_the_order_of_their_margins():
    rng = np.random.default_rng(1)
    logits, targets = rng.standard_normal((57, 4)), rng.integers(0, 4, 57)
    samples = judged(logits, targets)
    bins = calibrate(samples).bins
    assert sum(b.samples for b in bins) == 57
    assert max(b.samples for b in bins) - min(b.samples for b in bins) <= 1
    assert [b.low for b in bins] == sorted(b.low for b in bins)
    assert sum(b.samples * b.accuracy for b in bins) == pytest.approx(samples.right.sum())


@pytest.mark.parametrize("classes", [1, 4])
def test_the_scale_of_labels_drawn_by_a_softmax_is_found_and_its_confidence_is_right(classes):
    rng = np.random.default_rng(2)
    logits = rng.standard_normal((20_000, classes)) / 5.0
    two = np.concatenate([0.0 * logits, logits], axis=1) if classes == 1 else logits
    weights = np.exp(5.0 * two)
    chances = (weights / weights.sum(axis=1, keepdims=True)).cumsum(axis=1)
    targets = (rng.random((20_000, 1)) > chances).sum(axis=1)
    calibration = calibrate(judged(logits, targets))
    assert calibration.scale == pytest.approx(5.0, rel=0.1)
    assert calibration.expected_error < 0.02


def test_each_half_is_as_sure_as_the_other_one_is_right():
    logits = np.array([[5.0, 0.0]] * 10)
    # One half is right and the other wrong: the wrong one is sure, and the right one is not.
    calibration = calibrate(judged(logits, [0, 1] * 5))
    assert calibration.expected_error == pytest.approx((1.0 + 0.5) / 2, abs=1e-2)
