"""Hinge loss of each class against the rest."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.loss_parameters import config_value
from lipbuild.losses.target_radius import PER_RADIUS, margin_variable


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
        name: str | None = "MulticlassHinge",
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
        return multiclass_hinge_values(*as_columns(y_true, y_pred), self.min_margin)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "min_margin": config_value(self.min_margin)}
