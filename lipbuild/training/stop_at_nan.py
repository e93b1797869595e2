from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild.errors import RefusedError


class StopAtNan(keras.callbacks.Callback):
    """Ends a training whose loss is no number, before it can be saved or measured."""

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss.

        Raises:
            RefusedError: It is NaN or infinite.
        """
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            raise RefusedError(
                f"the loss became {float(loss)} in epoch {self.epoch + 1}, step {batch + 1}",
                "lower the learning rate or the loss's parameters; the last checkpoint is of the epoch before",
            )
