"""Hinge loss of each class against the rest."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.loss_parameters import config_value, non_negative_variable


def multiclass_hinge_values(y_true: Any, y_pred: Any, min_margin: Any) -> Any:
    """`relu(m/2 - s f)` with the true class weighted by C - 1, averaged over classes. Shape (batch,)."""
    sign = signs(y_true, y_pred.dtype)
    hinge = ops.relu(min_margin / 2.0 - sign * y_pred)
    return ops.mean(ops.where(sign > 0, hinge * (y_pred.shape[-1] - 1.0), hinge), axis=-1)


@keras.saving.register_keras_serializable(package="lipbuild")
class MulticlassHinge(keras.losses.Loss):
    """`relu(m/2 - s_i f_i)` averaged over the classes i, the true class counting C - 1 times.

    The binary hinge for each class against the rest, with both sides in balance.

    Args:
        min_margin: the margin m, at least 0.
        reduction: as in `keras.losses.Loss`.
        name: as in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: one-hot labels, shape (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: min_margin is negative.
    """

    def __init__(
        self,
        min_margin: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str | None = "MulticlassHinge",
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.min_margin = non_negative_variable(min_margin, "min_margin")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        return multiclass_hinge_values(*as_columns(y_true, y_pred), self.min_margin)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "min_margin": config_value(self.min_margin)}
