"""Cross-entropy with a temperature, for integer labels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.loss_parameters import config_value, positive_variable


@keras.saving.register_keras_serializable(package="lipbuild")
class TauSparseCategoricalCrossentropy(keras.losses.Loss):
    """`TauCategoricalCrossentropy` for integer labels: `CE(τ f, y) / τ`.

    Args:
        tau: The inverse temperature τ, above 0.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1).
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: Tau is not above 0.
    """

    def __init__(
        self,
        tau: float,
        reduction: str = "sum_over_batch_size",
        name: str | None = "TauSparseCategoricalCrossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.tau = positive_variable(tau, "tau")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
            y_true = ops.squeeze(y_true, -1)
        y_true = ops.cast(y_true, "int32")
        return ops.sparse_categorical_crossentropy(y_true, self.tau * y_pred, from_logits=True) / self.tau

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "tau": config_value(self.tau)}
