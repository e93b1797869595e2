"""A penalty by which columns of the data that do not matter lose their weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="lipbuild")
class ColumnMaximum(keras.regularizers.Regularizer):
    """`rate · Σ_i max_j |W_ij|`: what each input can move an output by at most, added up.

    Args:
        rate: Its weight in the loss, at least 0.

    Raises:
        ValueError: The rate is negative or not finite.
    """

    def __init__(self, rate: float) -> None:
        if not 0.0 <= rate < float("inf"):
            raise ValueError(f"rate must be a finite number of at least 0. Received: rate={rate!r}")
        self.rate = float(rate)

    def __call__(self, x: Any) -> Any:
        """The penalty of a kernel (inputs, outputs)."""
        return self.rate * ops.sum(ops.max(ops.abs(x), axis=-1))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"rate": self.rate}
