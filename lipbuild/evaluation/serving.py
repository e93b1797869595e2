from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.rounding import up
from lipbuild.errors import RefusedError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Serving:
    """How the network serves its answers in float32, and what a guard makes of them.

    Attributes:
        largest_error: The largest proved bound of the error of float32 logits on the data.
        largest_difference: The largest difference of float32 logits from float64 ones that was seen; None where
            float32 overflowed.
        largest_error64: The largest proved bound of the error of float64 logits on the data.
        changed: How many labels float32 changes.
        recomputed: How many samples a guard computes again in float64, since float32 cannot decide them.
        abstained: How many it gives no label, since float64 cannot decide them either.
        guarded_accuracy: The share of samples that a guard serves the right label.
    """

    largest_error: float | None
    largest_difference: float | None
    largest_error64: float | None
    changed: int
    recomputed: int
    abstained: int
    guarded_accuracy: float

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "float32_error_at_most": self.largest_error,
            "float32_error_seen": self.largest_difference,
            "float64_error_at_most": self.largest_error64,
            "labels_changed_by_float32": self.changed,
            "guard": {
                "accuracy": self.guarded_accuracy,
                "recomputed": self.recomputed,
                "abstained": self.abstained,
            },
        }


def compare_served(logits: BoundedLogits, served: NDArray[np.generic], targets: NDArray[np.int64]) -> Serving:
    """Hold what is served in float32 against the logits in float64 and the proved bounds of both errors.

    Args:
        logits: The logits in float64.
        served: The logits that TensorFlow computed, (samples, outputs).
        targets: The class numbers.

    Raises:
        RefusedError: A difference is larger than rounding can explain: the network that is served is not the
            one that is certified, or its arithmetic is not float32.
    """
    answers = np.asarray(served, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        differences = norms_up(answers - logits.values)
    # Where float32 overflows it serves NaN or infinity, and no bound covers that.
    differences = np.where(np.isnan(differences), np.inf, differences)
    allowed = up(logits.error64 + logits.error32)
    beyond = ~(differences <= allowed * (1.0 + 1e-9))
    if beyond.any():
        worst = int(np.argmax(beyond))
        raise RefusedError(
            f"sample {worst}: the logits served in float32 differ by {differences[worst]:.3g} from those in "
            f"float64, and rounding explains at most {allowed[worst]:.3g}: the served network is not the certified one",
            "serve in float32, without TF32 or bfloat16",
        )
    single = logits.single
    labels = (answers[:, 0] > 0.0).astype(np.int64) if single else np.argmax(answers, axis=1)
    with np.errstate(invalid="ignore"):
        margins = (
            np.abs(answers[:, 0]) if single else -np.subtract(*np.partition(answers, -2, axis=1)[:, -2:].T)
        )
    # NaN decides nothing.
    undecided = ~(margins > (1.0 if single else 2.0) * logits.error32)
    right = logits.decided & (logits.labels == targets)
    return Serving(
        largest_error=_finite(logits.error32),
        largest_difference=_finite(differences),
        largest_error64=_finite(logits.error64),
        changed=int((labels != logits.labels).sum()),
        recomputed=int(undecided.sum()),
        abstained=int((~logits.decided).sum()),
        guarded_accuracy=float(right.mean()),
    )


def _finite(values: Array) -> float | None:
    """The largest value, None where it is infinite."""
    largest = float(np.max(values, initial=0.0))
    return largest if np.isfinite(largest) else None
