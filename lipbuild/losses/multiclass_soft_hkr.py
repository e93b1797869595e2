"""HKR that weighs wrong classes by how near they are."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.loss_parameters import config_value, positive_variable
from lipbuild.losses.margin_loss import MarginLoss

_FACTORS = (0.005, 250.0)
"""Bounds of the factor of the softmax's logits."""


@keras.saving.register_keras_serializable(package="lipbuild")
class MulticlassSoftHKR(MarginLoss):
    """`Σ_i F_i (-s_i f_i / α + relu(m/2 - s_i f_i))`, F weighing wrong classes by a softmax.

    F is 1 for the true class and `softmax(T m f / μ)` over the others, with μ the running mean of |f| over batches
    (which starts at m and counts as m at least); no gradient passes through it. In place of MulticlassHKR where there
    are many classes: the nearest ones count, however many others there are.

    Args:
        alpha: Weight α of the hinge against the KR term, above 0; infinity leaves the hinge alone.
        min_margin: The margin m, at least 0; 1 where neither it nor target_radius is given.
        alpha_mean: How much of the running mean of |f| a batch leaves, in [0, 1).
        temperature: T, above 0: larger values weigh the nearest classes more.
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

    def __init__(
        self,
        alpha: float = 10.0,
        min_margin: float | None = None,
        alpha_mean: float = 0.99,
        temperature: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str | None = "MulticlassSoftHKR",
        target_radius: float | None = None,
        lip_const: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if not 0 <= alpha_mean < 1:
            raise ValueError(f"alpha_mean must be in [0, 1). Received: alpha_mean={alpha_mean!r}")
        # A checkpoint holds the variables of a loss in the order in which they are made.
        self.alpha = positive_variable(alpha, "alpha", allow_infinity=True)
        super().__init__(min_margin, reduction, name, target_radius, lip_const, **kwargs)
        self.temperature = positive_variable(temperature, "temperature")
        self.alpha_mean = float(alpha_mean)
        self.moving_mean = keras.Variable(
            config_value(self.min_margin), dtype="float32", trainable=False, name="moving_mean"
        )

    def _weights(self, y_true: Any, y_pred: Any) -> Any:
        y_pred = ops.stop_gradient(y_pred)
        batch_mean = ops.cast(ops.mean(ops.abs(y_pred)), "float32")
        mean = self.alpha_mean * self.moving_mean + (1.0 - self.alpha_mean) * batch_mean
        self.moving_mean.assign(mean)
        true = y_true > 0
        margin = ops.convert_to_tensor(self.min_margin)
        factor = self.temperature * margin / ops.maximum(ops.maximum(mean, margin), 1e-7)
        logits = y_pred * ops.cast(ops.clip(factor, *_FACTORS), y_pred.dtype)
        others = ops.softmax(ops.where(true, ops.cast(-1e30, logits.dtype), logits), axis=-1)
        return ops.where(true, ops.ones_like(others), others)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        weights = self._weights(y_true, y_pred)
        signed = signs(y_true, y_pred.dtype) * y_pred
        hinge = ops.relu(self.min_margin / 2.0 - signed)
        return ops.sum(weights * (hinge - signed / self.alpha), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "alpha": config_value(self.alpha),
            "alpha_mean": self.alpha_mean,
            "temperature": config_value(self.temperature),
        }
