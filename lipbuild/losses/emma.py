"""Cross-entropy at the worst logits within a radius that adapts to each class."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.offset_crossentropy import one_hot_labels
from lipbuild.losses.pairwise_loss import PairwiseLoss

_LEAST = 0.01


@keras.saving.register_keras_serializable(package="lipbuild")
class EMMA(PairwiseLoss):
    """`T CE((f + e ε M_y) / T, y)`, `e_i = clip((f_y - f_i) / (ε M_yi), 0.01, 1)` without gradient.

    `ε M_yi` is how far the logit of the wrong class i can rise against that of the true one, y, within a radius ε. As
    much is asked for of each class as it can give: of one whose margin is certified at ε the whole of that, of
    others what they reach, so that a hard class does not outweigh the rest (efficient margin maximisation).

    Args:
        target_radius: The radius ε that is to be certified, in the units of the network's input, above 0.
        temperature: T, above 0: the logits of a Lipschitz network cannot grow. None takes L ε / 2, as
            `OffsetCrossentropy` does.
        lip_const: The Lipschitz constant L of the network, or of what precedes the head.
        head: The network's last layer, a built dense layer without activation; `M_yi = L ‖w_y - w_i‖` then follows its
            kernel. None takes `M_yi = √2 L`, which holds for every network and is exact for orthogonal heads.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        learn_scale: Whether the worst logits are multiplied by a scale `e^s` whose s is learnt with the weights: what a
            first layer of free norm does to a network whose constant is measured.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range, the head is not a dense layer, or it is not attached.

    Reference:
        Hu et al., Unlocking deterministic robustness certification on ImageNet (NeurIPS 2023), arXiv 2301.12549.
    """

    def __init__(
        self,
        target_radius: float,
        temperature: float | None = None,
        lip_const: float = 1.0,
        head: Any = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "EMMA",
        learn_scale: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(target_radius, temperature, lip_const, head, reduction, name, learn_scale, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = one_hot_labels(y_true, y_pred)
        logits = self._worst(y_true, y_pred) / self.temperature
        return self.temperature * ops.categorical_crossentropy(y_true, logits, from_logits=True)

    def _worst(self, y_true: Any, y_pred: Any) -> Any:
        """The worst logits within the radius that adapts to each class, in the scale that is learnt."""
        reach = self._reach(y_true)
        margins = ops.sum(y_true * y_pred, axis=-1, keepdims=True) - y_pred
        # Where nothing can move, as at the true class, any share does.
        share = ops.clip(margins / ops.where(reach > 0.0, reach, ops.ones_like(reach)), _LEAST, 1.0)
        return self._scaled(y_pred + ops.stop_gradient(share) * reach)
