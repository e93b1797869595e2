"""Hinge loss of each class against the rest."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.margin_loss import MarginLoss


def multiclass_hinge_values(y_true: Any, y_pred: Any, min_margin: Any) -> Any:
    """`relu(m/2 - s f)` with the true class weighted by C - 1, averaged over classes. Shape (batch,)."""
    sign = signs(y_true, y_pred.dtype)
    hinge = ops.relu(min_margin / 2.0 - sign * y_pred)
    return ops.mean(ops.where(sign > 0, hinge * (y_pred.shape[-1] - 1.0), hinge), axis=-1)


@keras.saving.register_keras_serializable(package="lipbuild")
class MulticlassHinge(MarginLoss):
    """`relu(m/2 - s_i f_i)` averaged over the classes i, the true class counting C - 1 times.

    The binary hinge for each class against the rest, with both sides in balance.

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
        return multiclass_hinge_values(*as_columns(y_true, y_pred), self.min_margin)
