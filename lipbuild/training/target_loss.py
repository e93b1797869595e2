from __future__ import annotations

from typing import Any

import keras
from keras import ops


class TargetLoss(keras.losses.Loss):
    """A loss of scaled numbers: of (y − mean)/deviation and (f − mean)/deviation, y and f in the target's own units.

    Args:
        loss: The loss.
        deviations: What is divided by, for each output or for all.
        means: What is taken off first.
    """

    def __init__(self, loss: keras.losses.Loss, deviations: Any, means: Any) -> None:
        super().__init__(name=loss.name, reduction=loss.reduction, dtype=loss.dtype)
        self.loss = loss
        self._deviations = ops.convert_to_tensor(deviations, self.dtype)
        self._means = ops.convert_to_tensor(means, self.dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        return self.loss.call(
            (y_true - self._means) / self._deviations, (y_pred - self._means) / self._deviations
        )
