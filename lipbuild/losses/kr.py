"""The Kantorovich-Rubinstein estimate of the Wasserstein distance."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.losses.labels import as_columns


def kr_values(y_true: Any, y_pred: Any) -> Any:
    """Per-sample terms whose mean over the batch is `E₊ f - E₋ f`, averaged over columns. Shape (batch,)."""
    positive = ops.cast(ops.equal(y_true, 1), y_pred.dtype)
    batch = ops.cast(ops.shape(y_true)[0], y_pred.dtype)
    count = ops.sum(positive, axis=0)
    # A class without samples has a term of 0, not of 0/0.
    weights = positive / ops.maximum(count, 1.0) - (1.0 - positive) / ops.maximum(batch - count, 1.0)
    return ops.mean(batch * weights * y_pred, axis=-1)


def kr_values_multi_gpu(y_true: Any, y_pred: Any) -> Any:
    """The same terms from labels that `process_labels_for_multi_gpu` has weighted over the whole batch."""
    return ops.mean(y_true * y_pred, axis=-1)


@keras.saving.register_keras_serializable(package="lipbuild")
class KR(keras.losses.Loss):
    """`E₊ f - E₋ f`: mean output where the label is 1, minus mean output elsewhere.

    Over 1-Lipschitz f its largest value is the Wasserstein-1 distance of the two classes
    (Kantorovich-Rubinstein duality), so it is to be *maximised*; HKR minimises its opposite. With several
    columns it is the mean over them.

    Args:
        multi_gpu: True if the labels went through `lipbuild.utils.process_labels_for_multi_gpu`, so that
            replicas that each see a part of a batch add up to the right value.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch, 1) or (batch, classes).
        y_pred: outputs of the same shape.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge
        regularization (CVPR 2021), arXiv 2006.06520.
    """

    def __init__(
        self,
        multi_gpu: bool = False,
        reduction: str = "sum_over_batch_size",
        name: str | None = "KR",
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.multi_gpu = bool(multi_gpu)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Per-sample terms, shape (batch,)."""
        y_true, y_pred = as_columns(y_true, y_pred)
        return kr_values_multi_gpu(y_true, y_pred) if self.multi_gpu else kr_values(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "multi_gpu": self.multi_gpu}
