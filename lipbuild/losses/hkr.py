"""Hinge-regularised Kantorovich-Rubinstein loss."""

from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild.losses.hinge_margin import hinge_values
from lipbuild.losses.kr import kr_values, kr_values_multi_gpu
from lipbuild.losses.labels import as_columns
from lipbuild.losses.loss_parameters import config_value, non_negative_variable
from lipbuild.losses.margin_loss import MarginLoss
from lipbuild.margin import OF_SIGN


@keras.saving.register_keras_serializable(package="lipbuild")
class HKR(MarginLoss):
    """`-KR + α · hinge`: `E₋ f - E₊ f + α E[relu(m/2 - s f)]`, for a classifier by the sign of f.

    Args:
        alpha: Weight α of the hinge, at least 0; infinity leaves the hinge alone.
        min_margin: The margin m, at least 0; 1 where neither it nor target_radius is given.
        multi_gpu: True if the labels went through `lipbuild.utils.process_labels_for_multi_gpu`.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        target_radius: a radius ε that is to be certified, in the units of the network's input, from which the margin
            2 L ε is derived.
        lip_const: The network's Lipschitz constant L, for target_radius.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch, 1) or (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: Alpha or min_margin is negative, or min_margin given beside target_radius.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge
        regularization (CVPR 2021), arXiv 2006.06520.
    """

    _asked = OF_SIGN

    def __init__(
        self,
        alpha: float,
        min_margin: float | None = None,
        multi_gpu: bool = False,
        reduction: str = "sum_over_batch_size",
        name: str | None = "HKR",
        target_radius: float | None = None,
        lip_const: float = 1.0,
        **kwargs: Any,
    ) -> None:
        # A checkpoint holds the variables of a loss in the order in which they are made.
        self.alpha = non_negative_variable(alpha, "alpha", allow_infinity=True)
        super().__init__(min_margin, reduction, name, target_radius, lip_const, **kwargs)
        self.multi_gpu = bool(multi_gpu)
        self._hinge_only = math.isinf(float(alpha))

    def _hinge(self, y_true: Any, y_pred: Any) -> Any:
        return hinge_values(y_true, y_pred, self.min_margin)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample losses, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        hinge = self._hinge(y_true, y_pred)
        if self._hinge_only:
            return hinge
        kr = kr_values_multi_gpu(y_true, y_pred) if self.multi_gpu else kr_values(y_true, y_pred)
        return self.alpha * hinge - kr

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "alpha": config_value(self.alpha),
            "multi_gpu": self.multi_gpu,
        }
