"""Cross-entropy with a margin."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns
from lipbuild.losses.loss_parameters import config_value
from lipbuild.losses.margin_loss import MarginLoss
from lipbuild.margin import OF_OFFSET


def one_hot_labels(y_true: Any, y_pred: Any) -> Any:
    """Labels with one column a class, from those or from class numbers of shape (batch,) or (batch, 1)."""
    classes = y_pred.shape[-1]
    y_true = ops.convert_to_tensor(y_true)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == classes and classes != 1:
        return as_columns(y_true, y_pred)[0]
    if len(y_true.shape) == len(y_pred.shape):
        y_true = ops.squeeze(y_true, -1)
    return ops.one_hot(ops.cast(y_true, "int32"), classes, dtype=y_pred.dtype)


@keras.saving.register_keras_serializable(package="lipbuild")
class OffsetCrossentropy(MarginLoss):
    """`T CE((f - u y) / T, y)`: cross-entropy after an offset u is taken from the true class's logit f_y.

    The offset is the knob between accuracy and robustness: a sample costs until its margin is well above u. For a
    radius ε that is to be certified on a 1-Lipschitz network, `u = 2 √2 ε` (`target_radius`): twice the margin `√2 ε`
    that it takes.

    Args:
        offset: The offset u, at least 0; None takes √2, or what target_radius asks for.
        temperature: T, above 0; None takes 1/4, or L ε / 2 for a target_radius ε: that of the paper in proportion to u.
        target_radius: a radius ε in the units of the network's input, from which the offset is derived.
        lip_const: The network's Lipschitz constant, by which target_radius is multiplied.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range, or both offset and target_radius are given.

    Reference:
        Prach & Lampert, Almost-orthogonal layers for efficient general-purpose Lipschitz networks (ECCV 2022).
    """

    _argument = "offset"
    _asked = OF_OFFSET

    def __init__(
        self,
        offset: float | None = None,
        temperature: float | None = None,
        target_radius: float | None = None,
        lip_const: float = 1.0,
        reduction: str = "sum_over_batch_size",
        name: str | None = "OffsetCrossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(offset, reduction, name, target_radius, lip_const, **kwargs)
        self.temperature = self._temperature(temperature, target_radius, lip_const)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = one_hot_labels(y_true, y_pred)
        logits = (y_pred - self.offset * y_true) / self.temperature
        return self.temperature * ops.categorical_crossentropy(y_true, logits, from_logits=True)

    def get_config(self) -> dict[str, Any]:
        """The arguments; a target radius as the offset that came of it."""
        return {
            **super().get_config(),
            "temperature": config_value(self.temperature),
        }
