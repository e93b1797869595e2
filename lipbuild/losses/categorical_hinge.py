"""Hinge loss on the margin of the prediction."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns
from lipbuild.losses.margin_loss import MarginLoss


@keras.saving.register_keras_serializable(package="lipbuild")
class CategoricalHinge(MarginLoss):
    """`relu(m - (f_y - max_{i≠y} f_i))`: the nearest wrong class is to stay m below the true one.

    Args:
        min_margin: The margin m, at least 0; 1 where neither it nor `target_radius` is given.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`; the name of the class where left out.
        target_radius: The radius that is to be certified, in the units of the network's input: m follows from it.
        lip_const: The network's Lipschitz constant, for `target_radius`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: one-hot labels, shape (batch, classes).
        y_pred: outputs of the same shape.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        true = y_true > 0
        own = ops.sum(ops.where(true, y_pred, ops.zeros_like(y_pred)), axis=-1)
        other = ops.max(ops.where(true, ops.cast(float("-inf"), y_pred.dtype), y_pred), axis=-1)
        return ops.relu(self.min_margin - (own - other))
