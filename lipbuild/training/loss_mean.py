from __future__ import annotations

from typing import Any

import keras

from lipbuild.losses.offset_crossentropy import one_hot_labels


class LossMean(keras.metrics.Mean):
    """The mean of a loss over batches, as something to watch.

    Args:
        loss: The loss.
        name: What it is shown as.
    """

    def __init__(self, loss: keras.losses.Loss, name: str) -> None:
        super().__init__(name=name)
        self.loss = loss

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into the mean. Labels of several classes may be class numbers or one-hot rows."""
        if y_pred.shape[-1] > 1:
            y_true = one_hot_labels(y_true, y_pred)
        super().update_state(self.loss(y_true, y_pred, sample_weight))
