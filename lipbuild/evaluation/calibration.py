from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.evaluation.judged import Judged

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MARGIN_BINS = 10
_CONFIDENCE_BINS = 15
_SCALES = np.geomspace(1e-3, 1e3, 241)


@dataclass(frozen=True)
class MarginBin:
    """Samples of similar margins.

    Attributes:
        low: The least margin.
        high: The greatest.
        samples: How many samples.
        accuracy: The share of them that is right.
    """

    low: float
    high: float
    samples: int
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """What a margin says about being right.

    Attributes:
        bins: The samples in the order of their margins, in parts of one size.
        auroc: The probability that a right sample has a larger margin than a wrong one, a tie counting half;
            None where all are right or all are wrong.
        scale: β of softmax(β·z), or sigmoid(β·f), that makes the labels likeliest: the geometric mean of those of
            two halves of the samples.
        expected_error: The mean difference between the confidence that this gives and the accuracy, over 15
            bins of confidence (Guo et al. 2017), with the scale of the one half for the other.
    """

    bins: tuple[MarginBin, ...]
    auroc: float | None
    scale: float
    expected_error: float

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "bins": [
                {"margin": [b.low, b.high], "samples": b.samples, "accuracy": b.accuracy} for b in self.bins
            ],
            "auroc": self.auroc,
            "scale": self.scale,
            "expected_calibration_error": self.expected_error,
        }


def calibrate(judged: Judged) -> Calibration:
    """How far margins tell right samples from wrong ones, and what a fitted confidence is worth.

    Args:
        judged: The samples, two or more; their halves are every other one.
    """
    logits, targets = _two(judged.logits.values), judged.targets
    halves = (slice(0, None, 2), slice(1, None, 2))
    scales = [_fitted_scale(logits[half], targets[half]) for half in halves]
    confidence = np.empty(len(targets))
    for half, scale in zip(halves, reversed(scales), strict=True):
        confidence[half] = _confidence(logits[half], scale)
    margins, right = judged.logits.margins, judged.right
    return Calibration(
        _margin_bins(margins, right),
        _auroc(margins, right),
        float(np.sqrt(scales[0] * scales[1])),
        _expected_error(confidence, logits.argmax(axis=1) == targets),
    )


def _two(logits: Array) -> Array:
    """A single logit as those of two classes."""
    return np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits


def _log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), np.float64)


def _fitted_scale(logits: Array, targets: NDArray[np.int64]) -> float:
    rows = np.arange(len(targets))
    losses = [-float(_log_softmax(scale * logits)[rows, targets].mean()) for scale in _SCALES]
    return float(_SCALES[int(np.argmin(losses))])


def _confidence(logits: Array, scale: float) -> Array:
    return np.asarray(np.exp(_log_softmax(scale * logits)).max(axis=1), np.float64)


def _margin_bins(margins: Array, right: Flags) -> tuple[MarginBin, ...]:
    order = np.argsort(margins, kind="stable")
    parts = [part for part in np.array_split(order, _MARGIN_BINS) if len(part)]
    return tuple(
        MarginBin(float(margins[p[0]]), float(margins[p[-1]]), len(p), float(right[p].mean())) for p in parts
    )


def _auroc(margins: Array, right: Flags) -> float | None:
    good, bad = margins[right], np.sort(margins[~right])
    if not len(good) or not len(bad):
        return None
    below, not_above = np.searchsorted(bad, good, "left"), np.searchsorted(bad, good, "right")
    return float((below + not_above).sum() / (2.0 * len(good) * len(bad)))


def _expected_error(confidence: Array, right: Flags) -> float:
    bins = np.minimum((confidence * _CONFIDENCE_BINS).astype(np.int64), _CONFIDENCE_BINS - 1)
    gaps = [
        abs(float(right[bins == b].mean()) - float(confidence[bins == b].mean())) * float((bins == b).mean())
        for b in np.unique(bins)
    ]
    return float(sum(gaps))
