"""The Kantorovich-Rubinstein estimate, class by class."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.losses.kr import KR


@keras.saving.register_keras_serializable(package="lipbuild")
class MulticlassKR(KR):
    """`KR` of each class against the rest, averaged over the classes.

    Args:
        multi_gpu: True if the labels went through `lipbuild.utils.process_labels_for_multi_gpu`.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: one-hot labels, shape (batch, classes).
        y_pred: outputs of the same shape.
    """

    def __init__(
        self,
        multi_gpu: bool = False,
        reduction: str = "sum_over_batch_size",
        name: str | None = "MulticlassKR",
        **kwargs: Any,
    ) -> None:
        super().__init__(multi_gpu=multi_gpu, reduction=reduction, name=name, **kwargs)
