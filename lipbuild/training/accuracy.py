"""Clean accuracy from labels in any of the encodings that losses want."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="lipbuild")
class MulticlassAccuracy(keras.metrics.Mean):
    """How often the greatest logit is the label's, from class numbers or one-hot rows."""

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into the mean. Shapes: (batch,), (batch, 1) or (batch, classes), and (batch, classes)."""
        if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == y_pred.shape[-1]:
            label = ops.argmax(y_true, axis=-1)
        else:
            label = ops.reshape(y_true, (-1,))
        hit = ops.equal(ops.cast(label, "int64"), ops.cast(ops.argmax(y_pred, axis=-1), "int64"))
        super().update_state(ops.cast(hit, "float32"), sample_weight=sample_weight)


@keras.saving.register_keras_serializable(package="lipbuild")
class BinaryAccuracy(keras.metrics.Mean):
    """How often the sign of the logit is the label's, from 0 and 1 or from ±1. A logit of 0 is never right."""

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into the mean. Shapes: (batch,) or (batch, 1)."""
        positive = ops.reshape(ops.cast(y_true, "float32"), (-1,)) > 0.5
        logit = ops.reshape(ops.cast(y_pred, "float32"), (-1,))
        hit = ops.where(positive, logit > 0.0, logit < 0.0)
        super().update_state(ops.cast(hit, "float32"), sample_weight=sample_weight)
