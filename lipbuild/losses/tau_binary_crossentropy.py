"""Binary cross-entropy with a temperature."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns
from lipbuild.losses.loss_parameters import config_value, positive_variable


@keras.saving.register_keras_serializable(package="lipbuild")
class TauBinaryCrossentropy(keras.losses.Loss):
    """`BCE(τ f, y) / τ`: binary cross-entropy of the logit f at the temperature 1/τ.

    Args:
        tau: The inverse temperature τ, above 0.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch, 1).
        y_pred: logits of the same shape.

    Raises:
        ValueError: Tau is not above 0.
    """

    def __init__(
        self,
        tau: float,
        reduction: str = "sum_over_batch_size",
        name: str | None = "TauBinaryCrossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.tau = positive_variable(tau, "tau")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        target = ops.cast(y_true > 0, y_pred.dtype)
        return (
            ops.mean(ops.binary_crossentropy(target, self.tau * y_pred, from_logits=True), axis=-1) / self.tau
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "tau": config_value(self.tau)}
