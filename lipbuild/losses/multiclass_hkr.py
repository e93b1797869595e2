"""Hinge-regularised Kantorovich-Rubinstein loss for several classes."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.losses.hkr import HKR
from lipbuild.losses.multiclass_hinge import multiclass_hinge_values
from lipbuild.margin import OF_CLASSES


@keras.saving.register_keras_serializable(package="lipbuild")
class MulticlassHKR(HKR):
    """`-MulticlassKR + α · MulticlassHinge`: HKR of each class against the rest, averaged over the classes.

    Args:
        alpha: Weight α of the hinge, at least 0; infinity leaves the hinge alone.
        min_margin: The margin m, at least 0; 1 where neither it nor target_radius is given.
        multi_gpu: True if the labels went through `lipbuild.utils.process_labels_for_multi_gpu`.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`, and `target_radius` and `lip_const` as in `MulticlassHinge`.

    Call arguments:
        y_true: one-hot labels, shape (batch, classes).
        y_pred: outputs of the same shape.

    Raises:
        ValueError: Alpha or min_margin is negative, or min_margin given beside target_radius.

    Reference:
        Serrurier et al., On the explainable properties of 1-Lipschitz neural networks: an optimal transport
        perspective (NeurIPS 2023), arXiv 2206.06854.
    """

    _asked = OF_CLASSES

    def __init__(
        self,
        alpha: float = 10.0,
        min_margin: float | None = None,
        multi_gpu: bool = False,
        reduction: str = "sum_over_batch_size",
        name: str | None = "MulticlassHKR",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            alpha=alpha, min_margin=min_margin, multi_gpu=multi_gpu, reduction=reduction, name=name, **kwargs
        )

    def _hinge(self, y_true: Any, y_pred: Any) -> Any:
        return multiclass_hinge_values(y_true, y_pred, self.min_margin)
