"""Cross-entropy with a margin that lets go of what is certified."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.loss_parameters import config_value, non_negative_variable
from lipbuild.losses.margin_loss import MarginLoss
from lipbuild.losses.offset_crossentropy import one_hot_labels
from lipbuild.margin import OF_ANNEALING


def annealed(y_true: Any, logits: Any, temperature: Any, beta: Any) -> Any:
    """`T (1 - p)^β CE(f / T, y)` of each sample, p the true class's probability, shape (batch,).

    Args:
        y_true: One column a class.
        logits: The logits f, shape (batch, classes).
        temperature: T.
        beta: β.
    """
    loss = ops.categorical_crossentropy(y_true, logits / temperature, from_logits=True)
    # 1 - e^-l, kept off 0, where a power below 1 has no gradient.
    missing = ops.maximum(-ops.expm1(-loss), 1e-12)
    return temperature * ops.power(missing, beta) * loss


@keras.saving.register_keras_serializable(package="lipbuild")
class LogitAnnealing(MarginLoss):
    """`T (1 - p)^β CE((f - ξ y) / T, y)` with p the true class's probability under these logits.

    An offset ξ asks for a margin as in `OffsetCrossentropy`; the factor anneals the loss of samples that have it, so
    that a network of limited capacity spends it on the others.

    Args:
        offset: ξ, at least 0; 2 where neither it nor target_radius is given.
        temperature: T, above 0; None takes 3/4, or 3 ξ / 8 for the ξ of a target_radius: that of the paper in
            proportion to ξ.
        beta: The exponent β, at least 0.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        target_radius: a radius ε that is to be certified, in the units of the network's input, from which the offset
            2 √2 L ε is derived, as in `OffsetCrossentropy`.
        lip_const: The network's Lipschitz constant L, for target_radius.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range.

    Reference:
        Lai et al., Enhancing certified robustness via block reflector orthogonal layers and logit annealing loss
        (ICML 2025).
    """

    _argument = "offset"
    _asked = OF_ANNEALING

    def __init__(
        self,
        offset: float | None = None,
        temperature: float | None = None,
        beta: float = 5.0,
        reduction: str = "sum_over_batch_size",
        name: str | None = "LogitAnnealing",
        target_radius: float | None = None,
        lip_const: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(offset, reduction, name, target_radius, lip_const, **kwargs)
        self.temperature = self._temperature(temperature, target_radius, lip_const)
        self.beta = non_negative_variable(beta, "beta")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = one_hot_labels(y_true, y_pred)
        return annealed(y_true, y_pred - self.offset * y_true, self.temperature, self.beta)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "temperature": config_value(self.temperature),
            "beta": config_value(self.beta),
        }
