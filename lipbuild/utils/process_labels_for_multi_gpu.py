"""Labels that carry their batch's class counts."""

from __future__ import annotations

from typing import Any

from keras import ops


def process_labels_for_multi_gpu(labels: Any) -> Any:
    """Turn labels into the weights of `KR` over the whole batch, for losses with `multi_gpu=True`.

    Each replica of a distributed step sees a part of the batch and would count its own classes. The weights,
    `B (y / n₊ - (1 - y) / n₋)` for a batch of B with n₊ and n₋ labels of each kind, are right wherever they
    are summed.

    Args:
        labels: 1 and 0 (or -1), shape (batch, 1) or (batch, classes).

    Returns:
        The weights, of the same shape and dtype.
    """
    labels = ops.convert_to_tensor(labels)
    positive = ops.cast(labels > 0, labels.dtype)
    batch = ops.cast(ops.shape(labels)[0], labels.dtype)
    count = ops.sum(positive, axis=0)
    one = ops.ones_like(count)
    return batch * (positive / ops.maximum(count, one) - (1 - positive) / ops.maximum(batch - count, one))
