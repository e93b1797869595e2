"""Hinge loss on the sign of the output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns, signs
from lipbuild.losses.loss_parameters import config_value
from lipbuild.losses.target_radius import PER_RADIUS_BINARY, margin_variable


def hinge_values(y_true: Any, y_pred: Any, min_margin: Any) -> Any:
    """`relu(m/2 - s f)`, averaged over columns. Shape (batch,)."""
    return ops.mean(ops.relu(min_margin / 2.0 - signs(y_true, y_pred.dtype) * y_pred), axis=-1)


@keras.saving.register_keras_serializable(package="lipbuild")
class HingeMargin(keras.losses.Loss):
    """`relu(m/2 - s f)` with s = 1 where the label is above 0 and -1 elsewhere, averaged over columns.

    Args:
        min_margin: the margin m that is asked for between the two classes, at least 0; 1 where neither it nor
            target_radius is given.
        reduction: as in `keras.losses.Loss`.
        name: as in `keras.losses.Loss`.
        target_radius: a radius ε that is to be certified, in the units of the network's input, from which the margin
            2 L ε is derived.
        lip_const: the network's Lipschitz constant L, for target_radius.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch, 1) or (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: min_margin is negative, or given beside target_radius.
    """

    def __init__(
        self,
        min_margin: float | None = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "HingeMargin",
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
            per_radius=PER_RADIUS_BINARY,
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        return hinge_values(*as_columns(y_true, y_pred), self.min_margin)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "min_margin": config_value(self.min_margin)}
