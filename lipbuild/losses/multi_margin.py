"""Hinge loss on differences of outputs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns
from lipbuild.losses.loss_parameters import config_value
from lipbuild.losses.target_radius import PER_RADIUS, margin_variable


@keras.saving.register_keras_serializable(package="lipbuild")
class MultiMargin(keras.losses.Loss):
    """`Σ_{i≠y} relu(m - f_y + f_i) / C`: each wrong class is to stay m below the true one.

    Args:
        min_margin: the margin m, at least 0; 1 where neither it nor target_radius is given.
        reduction: as in `keras.losses.Loss`.
        name: as in `keras.losses.Loss`.
        target_radius: a radius ε that is to be certified, in the units of the network's input, from which the margin
            √2 L ε is derived.
        lip_const: the network's Lipschitz constant L, for target_radius.
        **kwargs: `dtype`.

    Call arguments:
        y_true: one-hot labels, shape (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: min_margin is negative, or given beside target_radius.
    """

    def __init__(
        self,
        min_margin: float | None = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "MultiMargin",
        target_radius: float | None = None,
        lip_const: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.min_margin = margin_variable(
            min_margin,
            "min_margin",
            default=1.0,
            target_radius=target_radius,
            lip_const=lip_const,
            per_radius=PER_RADIUS,
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        true = ops.cast(y_true > 0, y_pred.dtype)
        own = ops.sum(true * y_pred, axis=-1, keepdims=True)
        return ops.mean((1.0 - true) * ops.relu(self.min_margin - own + y_pred), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "min_margin": config_value(self.min_margin)}
