from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BoundedLogits:
    """Logits in float64, and how far rounding may have moved them.

    Attributes:
        values: (samples, outputs).
        error64: (samples,), an upper bound of ‖values − real logits‖₂.
        error32: (samples,), an upper bound of ‖logits served in float32 − real logits‖₂, summed in any order.
        slope32: By how much that bound grows with each unit that the input moves: ‖x' − x‖ ≤ r implies an
            error of at most error32 + slope32 · r at x'.
        room32: (samples,), how far an input may move before a sum in float32 could overflow, in the units of
            the data.
    """

    values: Array
    error64: Array
    error32: Array
    slope32: float
    room32: Array

    @property
    def single(self) -> bool:
        """Whether there is one logit, which is held against 0."""
        return bool(self.values.shape[1] == 1)

    @property
    def labels(self) -> NDArray[np.int64]:
        """The predicted classes, (samples,); 0 or 1 for a single logit."""
        if self.single:
            return np.asarray(self.values[:, 0] > 0.0, np.int64)
        return np.asarray(np.argmax(self.values, axis=1), np.int64)

    @property
    def margins(self) -> Array:
        """The largest logit less the second, or |f| for a single logit, (samples,)."""
        if self.single:
            return np.abs(self.values[:, 0])
        ordered = np.partition(self.values, -2, axis=1)
        return np.asarray(ordered[:, -1] - ordered[:, -2], np.float64)

    @property
    def decided(self) -> NDArray[np.bool_]:
        """Where float64 proves the class: the margin is above what its rounding can make of a tie."""
        room = self.error64 if self.single else 2.0 * self.error64
        return np.asarray(self.margins > room, np.bool_)
