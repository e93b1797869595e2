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
        super().__init__(name=loss.name, reduction=loss.reduction)
        self.loss = loss
        self._deviations = ops.convert_to_tensor(deviations, "float32")
        self._means = ops.convert_to_tensor(means, "float32")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss of a batch."""
        labels, outputs = (
            (ops.cast(values, "float32") - self._means) / self._deviations for values in (y_true, y_pred)
        )
        return self.loss(labels, outputs, sample_weight=sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        return self.loss.call(
            (y_true - self._means) / self._deviations, (y_pred - self._means) / self._deviations
        )
