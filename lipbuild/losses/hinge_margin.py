"""Hinge loss on the sign of the output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.loss_parameters import config_value, non_negative_variable


def hinge_values(y_true: Any, y_pred: Any, min_margin: Any) -> Any:
    """`relu(m/2 - s f)`, averaged over columns. Shape (batch,)."""
    return ops.mean(ops.relu(min_margin / 2.0 - signs(y_true, y_pred.dtype) * y_pred), axis=-1)


@keras.saving.register_keras_serializable(package="lipbuild")
class HingeMargin(keras.losses.Loss):
    """`relu(m/2 - s f)` with s = 1 where the label is above 0 and -1 elsewhere, averaged over columns.

    Args:
        min_margin: the margin m that is asked for between the two classes, at least 0.
        reduction: as in `keras.losses.Loss`.
        name: as in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch, 1) or (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: min_margin is negative.
    """

    def __init__(
        self,
        min_margin: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str | None = "HingeMargin",
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.min_margin = non_negative_variable(min_margin, "min_margin")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        return hinge_values(*as_columns(y_true, y_pred), self.min_margin)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "min_margin": config_value(self.min_margin)}
