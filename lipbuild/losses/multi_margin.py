"""Hinge loss on differences of outputs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns
from lipbuild.losses.margin_loss import MarginLoss


@keras.saving.register_keras_serializable(package="lipbuild")
class MultiMargin(MarginLoss):
    """`Σ_{i≠y} relu(m - f_y + f_i) / C`: each wrong class is to stay m below the true one.

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
        true = ops.cast(y_true > 0, y_pred.dtype)
        own = ops.sum(true * y_pred, axis=-1, keepdims=True)
        return ops.mean((1.0 - true) * ops.relu(self.min_margin - own + y_pred), axis=-1)
