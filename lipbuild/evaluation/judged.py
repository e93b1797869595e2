from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.head import Head
from lipbuild.certifying.sample_radii import sample_radii, sample_targeted_radii

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Samples with their labels, and what is proved about each.

    Attributes:
        logits: Their logits.
        targets: (samples,), their class numbers.
        radii: (samples,), the certified radius of each prediction (`real`); None where nothing is certified.
        radii32: The same in the semantics `float32`.
        targeted: (samples, classes), the radius within which a prediction cannot become each class (`real`);
            None for a single logit too.
    """

    logits: BoundedLogits
    targets: NDArray[np.int64]
    radii: Array | None
    radii32: Array | None
    targeted: Array | None

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which predictions are right; a tie is not."""
        return np.asarray((self.logits.margins > 0.0) & (self.logits.labels == self.targets), np.bool_)

    @property
    def reached(self) -> Array | None:
        """Up to which radius each sample stays right; negative where it is wrong, or certified nowhere."""
        return self._reached(self.radii)

    @property
    def reached32(self) -> Array | None:
        """The same in the semantics `float32`."""
        return self._reached(self.radii32)

    def _reached(self, radii: Array | None) -> Array | None:
        return None if radii is None else np.where(self.right & (radii > 0.0), radii, -1.0)


def judge(logits: BoundedLogits, head: Head | None, targets: NDArray[np.generic]) -> Judged:
    """Certify each sample.

    Args:
        logits: The logits.
        head: What turns their differences into distances; None where nothing may be certified.
        targets: (samples,), class numbers.
    """
    numbers = targets.astype(np.int64)
    if head is None:
        return Judged(logits, numbers, None, None, None)
    # Where nothing at all can change a prediction the radius is infinite, which JSON has no number for.
    largest = np.finfo(np.float64).max
    targeted = None if logits.single else sample_targeted_radii(logits, head)
    radii = targeted.min(axis=1) if targeted is not None else sample_radii(logits, head)
    return Judged(
        logits,
        numbers,
        np.minimum(radii, largest),
        np.minimum(sample_radii(logits, head, "float32"), largest),
        targeted,
    )
