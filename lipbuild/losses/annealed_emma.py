"""EMMA whose loss lets go of what has its margin."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.losses.emma import EMMA
from lipbuild.losses.logit_annealing import annealed
from lipbuild.losses.loss_parameters import config_value, non_negative_variable
from lipbuild.losses.offset_crossentropy import one_hot_labels
from lipbuild.margin import OFFSET_PER_TEMPERATURE


@keras.saving.register_keras_serializable(package="lipbuild")
class AnnealedEMMA(EMMA):
    """`T (1 - p)^β CE((f + e ε M_y - ξ y) / T, y)`: the annealing of `LogitAnnealing` on what `EMMA` leaves.

    The logits are those of `EMMA`, the worst within a radius that adapts to each class, and p is the true class's
    probability under them with the offset ξ.

    Args:
        target_radius: The radius ε that is to be certified, in the units of the network's input, above 0.
        temperature: T, above 0. None takes L ε / 2.
        offset: ξ, at least 0. None takes 8/3 T, as in the paper, where ξ is 2 and T is 3/4.
        beta: The exponent β, at least 0.
        lip_const: As in `EMMA`.
        head: As in `EMMA`.
        learn_scale: As in `EMMA`.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range, the head is not a dense layer, or it is not attached.

    Reference:
        Lai et al., Enhancing certified robustness via block reflector orthogonal layers and logit annealing loss
        (ICML 2025), whose published code trains so.
    """

    def __init__(
        self,
        target_radius: float,
        temperature: float | None = None,
        offset: float | None = None,
        beta: float = 5.0,
        lip_const: float = 1.0,
        head: Any = None,
        learn_scale: bool = False,
        reduction: str = "sum_over_batch_size",
        name: str | None = "AnnealedEMMA",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            target_radius, temperature, lip_const, head, reduction, name, learn_scale=learn_scale, **kwargs
        )
        given = OFFSET_PER_TEMPERATURE * config_value(self.temperature) if offset is None else offset
        self.offset = non_negative_variable(given, "offset")
        self.beta = non_negative_variable(beta, "beta")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = one_hot_labels(y_true, y_pred)
        logits = self._worst(y_true, y_pred) - self.offset * y_true
        return annealed(y_true, logits, self.temperature, self.beta)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "offset": config_value(self.offset),
            "beta": config_value(self.beta),
        }
