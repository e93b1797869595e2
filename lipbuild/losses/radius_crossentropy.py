"""Cross-entropy of certified radii."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.losses.offset_crossentropy import one_hot_labels
from lipbuild.losses.pairwise_loss import PairwiseLoss


@keras.saving.register_keras_serializable(package="lipbuild")
class RadiusCrossentropy(PairwiseLoss):
    """`T log(1 + Σ_{i≠y} exp(√2 L (2ε - r_i) / T))` with `r_i = (f_y - f_i) / M_yi`, the radius certified against i.

    Each wrong class i costs until the radius that the network certifies against it is well above the target ε: until
    2ε, as in `OffsetCrossentropy`, which this is for an orthogonal head. With a head whose columns are free, as those
    of `LastLayerNormalized`, classes that are alike may have columns that are near to each other: a small difference
    of their logits then certifies as much as a large one of others, and the loss asks for no more.

    Args:
        target_radius: The radius ε that is to be certified, in the units of the network's input, above 0.
        temperature: T, above 0, in the units of the logits of an orthogonal head. None takes L ε / 2, as
            `OffsetCrossentropy` does.
        lip_const: The Lipschitz constant L of the network, or of what precedes the head.
        head: The network's last layer, a built dense layer without activation; `M_yi = L ‖w_y - w_i‖` then follows its
            kernel. None takes `M_yi = √2 L`, which holds for every network and is exact for orthogonal heads.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers, shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range, the head is not a dense layer, or it is not attached.

    Reference:
        Fazlyab et al., Certified robustness via dynamic margin maximization and improved Lipschitz regularization
        (NeurIPS 2023), arXiv 2310.00116, who train on certified radii by the constants of pairs; Prach & Lampert,
        Almost-orthogonal layers for efficient general-purpose Lipschitz networks (ECCV 2022), for the offset.
    """

    def __init__(
        self,
        target_radius: float,
        temperature: float | None = None,
        lip_const: float = 1.0,
        head: Any = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "RadiusCrossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(target_radius, temperature, lip_const, head, reduction, name, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true = one_hot_labels(y_true, y_pred)
        reach = self._reach(y_true)
        # Nothing is asked for at the true class, whose distance from itself is 0 up to rounding, nor of equal columns.
        own = ops.one_hot(ops.argmax(y_true, axis=-1), y_pred.shape[-1], dtype=y_pred.dtype)
        wrong = ops.logical_and(own == 0.0, reach > 0.0)
        margins = ops.sum(y_true * y_pred, axis=-1, keepdims=True) - y_pred
        shares = margins / ops.where(wrong, reach, ops.ones_like(reach))
        unit = math.sqrt(2.0) * self.lip_const * self.target_radius / self.temperature
        logits = ops.where(wrong, unit * (2.0 - shares), ops.zeros_like(shares))
        return self.temperature * ops.categorical_crossentropy(y_true, logits, from_logits=True)
