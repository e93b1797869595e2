"""Hinge loss on the sign of the output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.margin_loss import MarginLoss
from lipbuild.margin import OF_SIGN


def hinge_values(y_true: Any, y_pred: Any, min_margin: Any) -> Any:
    """`relu(m/2 - s f)`, averaged over columns. Shape (batch,)."""
    return ops.mean(ops.relu(min_margin / 2.0 - signs(y_true, y_pred.dtype) * y_pred), axis=-1)


@keras.saving.register_keras_serializable(package="lipbuild")
class HingeMargin(MarginLoss):
    """`relu(m/2 - s f)` with s = 1 where the label is above 0 and -1 elsewhere, averaged over columns.

    Args:
        min_margin: The margin m that is asked for between the two classes, at least 0; 1 where neither it nor
            `target_radius` is given.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`; the name of the class where left out.
        target_radius: The radius that is to be certified, in the units of the network's input: m follows from it.
        lip_const: The network's Lipschitz constant, for `target_radius`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch, 1) or (batch, classes).
        y_pred: outputs of the same shape.
    """

    _asked = OF_SIGN

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        return hinge_values(*as_columns(y_true, y_pred), self.min_margin)
