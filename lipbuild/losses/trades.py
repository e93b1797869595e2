"""Cross-entropy, and how much probability a radius takes from the prediction."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.loss_parameters import config_value, non_negative_variable
from lipbuild.losses.offset_crossentropy import one_hot_labels
from lipbuild.losses.pairwise_loss import PairwiseLoss


@keras.saving.register_keras_serializable(package="lipbuild")
class TRADES(PairwiseLoss):
    """`T [CE(f / T, y) + λ KL(softmax(f / T) ‖ softmax([f, f_⊥] / T))]`, `f_⊥ = max_{i≠j} f_i + ε M_ji`.

    The loss of GloRo nets after TRADES: predict the right class, and predict robustly whatever the class is. j is the
    predicted class, and f_⊥ the highest logit that another class can reach against it within a radius ε: it is above
    f_j where the prediction is not certified. The divergence has the closed form `softplus(f_⊥ / T - LSE(f / T))`.

    Args:
        target_radius: The radius ε that is to be certified, in the units of the network's input, above 0.
        lam: The weight λ of robustness against accuracy, at least 0.
        temperature: T, above 0: the logits of a Lipschitz network cannot grow. None takes L ε / 2, as
            `OffsetCrossentropy` does.
        lip_const: The Lipschitz constant L of the network, or of what precedes the head.
        head: The network's last layer, a built dense layer without activation; `M_ji = L ‖w_j - w_i‖` then follows its
            kernel. None takes `M_ji = √2 L`, which holds for every network and is exact for orthogonal heads.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range, the head is not a dense layer, or it is not attached.

    Reference:
        Leino, Wang & Fredrikson, Globally-robust neural networks (ICML 2021), arXiv 2102.08452; Zhang et al.,
        Theoretically principled trade-off between robustness and accuracy (ICML 2019).
    """

    def __init__(
        self,
        target_radius: float,
        lam: float = 1.0,
        temperature: float | None = None,
        lip_const: float = 1.0,
        head: Any = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "TRADES",
        **kwargs: Any,
    ) -> None:
        super().__init__(target_radius, temperature, lip_const, head, reduction, name, **kwargs)
        self.lam = non_negative_variable(lam, "lam")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = one_hot_labels(y_true, y_pred)
        predicted = ops.one_hot(ops.argmax(y_pred, axis=-1), y_pred.shape[-1], dtype=y_pred.dtype)
        others = ops.where(predicted > 0.0, ops.cast(-1e30, y_pred.dtype), y_pred + self._reach(predicted))
        bottom = ops.max(others, axis=-1) / self.temperature
        logits = y_pred / self.temperature
        divergence = ops.softplus(bottom - ops.logsumexp(logits, axis=-1))
        clean = ops.categorical_crossentropy(y_true, logits, from_logits=True)
        return self.temperature * (clean + self.lam * divergence)

    def get_config(self) -> dict[str, Any]:
        """The arguments; a head by its name."""
        return {**super().get_config(), "lam": config_value(self.lam)}
