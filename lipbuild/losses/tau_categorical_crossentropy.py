"""Cross-entropy with a temperature, for one-hot labels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.loss_parameters import config_value, positive_variable


@keras.saving.register_keras_serializable(package="lipbuild")
class TauCategoricalCrossentropy(keras.losses.Loss):
    """`CE(τ f, y) / τ`: cross-entropy of the logits f at the temperature 1/τ.

    The logits of a 1-Lipschitz network cannot grow, so τ sets how large a margin training asks for: small
    values give large margins and certified radii, large values clean accuracy.

    Args:
        tau: The inverse temperature τ, above 0.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: one-hot labels or class probabilities, shape (batch, classes).
        y_pred: logits of the same shape.

    Raises:
        ValueError: Tau is not above 0.

    Reference:
        Béthune et al., Pay attention to your loss: understanding misconceptions about 1-Lipschitz neural
        networks (NeurIPS 2022), arXiv 2104.05097.
    """

    def __init__(
        self,
        tau: float,
        reduction: str = "sum_over_batch_size",
        name: str | None = "TauCategoricalCrossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.tau = positive_variable(tau, "tau")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = ops.cast(y_true, y_pred.dtype)
        return ops.categorical_crossentropy(y_true, self.tau * y_pred, from_logits=True) / self.tau

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "tau": config_value(self.tau)}
