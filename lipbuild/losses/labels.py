"""What losses and metrics do with labels before their formulas."""

from __future__ import annotations

from typing import Any

from keras import ops


def as_columns(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Labels and predictions of one dtype and of rank 2 at least: shape (batch,) becomes (batch, 1).

    Raises:
        ValueError: Their shapes do not agree.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if len(y_pred.shape) == 1:
        y_pred = ops.expand_dims(y_pred, -1)
    if len(y_true.shape) == 1:
        y_true = ops.expand_dims(y_true, -1)
    if y_true.shape[-1] != y_pred.shape[-1] and None not in (y_true.shape[-1], y_pred.shape[-1]):
        raise ValueError(
            "Labels must have one column for each output (one-hot for several classes). Received: "
            f"y_true of shape {tuple(y_true.shape)}, y_pred of shape {tuple(y_pred.shape)}"
        )
    return y_true, y_pred


def signs(y_true: Any, dtype: Any) -> Any:
    """1 where a label is above 0, else -1: for labels in {0, 1}, in {-1, 1} or weighted for several GPUs."""
    return ops.cast(ops.where(y_true > 0, 1, -1), dtype)
