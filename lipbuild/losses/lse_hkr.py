"""HKR on a smooth maximum over the wrong classes."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns
from lipbuild.losses.loss_parameters import config_value, non_negative_variable
from lipbuild.losses.margin_loss import MarginLoss
from lipbuild.margin import OF_SOFT_MAXIMUM


@keras.saving.register_keras_serializable(package="lipbuild")
class LseHKR(MarginLoss):
    """`α relu(m/2 - d) - (1 - α) d` with the soft margin `d = (f_y - LSE_{i≠y} f_i) / 2`.

    `LSE = log(Σ_{i≠y} exp(T f_i)) / T` is at least the maximum, so d is at most half the margin of the
    prediction, and tends to it as T grows.

    Args:
        alpha: Weight α of the hinge against d, in [0, 1].
        min_margin: The margin m, at least 0; 1 where neither it nor target_radius is given.
        temperature: T, above 0; None takes 1, or 1 / m for the m of a target_radius.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        target_radius: a radius ε that is to be certified, in the units of the network's input, from which the margin
            √2 L ε is derived.
        lip_const: The network's Lipschitz constant L, for target_radius.
        **kwargs: `dtype`.

    Call arguments:
        y_true: one-hot labels, shape (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: An argument is out of its range.
    """

    _asked = OF_SOFT_MAXIMUM

    def __init__(
        self,
        alpha: float = 0.9,
        min_margin: float | None = None,
        temperature: float | None = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "LseHKR",
        target_radius: float | None = None,
        lip_const: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if not math.isfinite(alpha) or not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in [0, 1]. Received: alpha={alpha!r}")
        # A checkpoint holds the variables of a loss in the order in which they are made.
        self.alpha = non_negative_variable(alpha, "alpha")
        super().__init__(min_margin, reduction, name, target_radius, lip_const, **kwargs)
        self.temperature = self._temperature(temperature, target_radius, lip_const)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        true = y_true > 0
        own = ops.sum(ops.where(true, y_pred, ops.zeros_like(y_pred)), axis=-1)
        wrong = ops.where(true, ops.cast(-1e30, y_pred.dtype), self.temperature * y_pred)
        soft = 0.5 * (own - ops.logsumexp(wrong, axis=-1) / self.temperature)
        return self.alpha * ops.relu(self.min_margin / 2.0 - soft) - (1.0 - self.alpha) * soft

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "alpha": config_value(self.alpha),
            "temperature": config_value(self.temperature),
        }
