"""The margin of a prediction: how far the output is from another decision."""

from __future__ import annotations

import math
from typing import Any

from keras import ops


def multiclass_margin(y_true: Any, y_pred: Any) -> Any:
    """`f_y - max_{i≠y} f_i`, negative where the prediction is wrong.

    Args:
        y_true: Labels: class numbers of shape (batch,) or (batch, 1); or one column a class, the largest
            being the true one (one-hot, {-1, 1} or smoothed).
        y_pred: Logits, shape (batch, classes).

    Returns:
        Margins, shape (batch,).

    Raises:
        ValueError: The shapes fit neither form of labels, or there are fewer than two classes.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    classes = y_pred.shape[-1]
    same_rank = len(y_true.shape) == len(y_pred.shape)
    if classes is None or classes < 2:
        raise ValueError(
            f"A margin between classes needs at least two. Received: y_pred of shape {y_pred.shape}"
        )
    if same_rank and y_true.shape[-1] == classes:
        label = ops.argmax(y_true, axis=-1)
    elif same_rank and y_true.shape[-1] == 1:
        label = ops.squeeze(y_true, -1)
    elif len(y_true.shape) == len(y_pred.shape) - 1:
        label = y_true
    else:
        raise ValueError(
            "Labels must be class numbers or have one column a class. Received: "
            f"y_true of shape {tuple(y_true.shape)}, y_pred of shape {tuple(y_pred.shape)}"
        )
    true = ops.one_hot(ops.cast(label, "int32"), classes, dtype="bool")
    lowest = ops.cast(-math.inf, y_pred.dtype)
    own = ops.max(ops.where(true, y_pred, lowest), axis=-1)
    other = ops.max(ops.where(true, lowest, y_pred), axis=-1)
    # A NaN anywhere must not be hidden by a maximum.
    return own - other + 0.0 * ops.sum(y_pred, axis=-1)


def binary_margin(y_true: Any, y_pred: Any) -> Any:
    """`s f` with s = 1 where the label is above .5 and -1 elsewhere: for labels in {0, 1} and in {-1, 1}.

    Args:
        y_true: Labels, of the shape of y_pred or with an axis of 1 more or less at the end.
        y_pred: Outputs whose sign decides.

    Returns:
        Margins of the shape of y_pred.

    Raises:
        ValueError: The shapes do not agree.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    if len(y_true.shape) == len(y_pred.shape) - 1 and y_pred.shape[-1] == 1:
        y_true = ops.expand_dims(y_true, -1)
    elif len(y_true.shape) == len(y_pred.shape) + 1 and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(y_true.shape) != len(y_pred.shape) or (
        y_true.shape[-1] != y_pred.shape[-1] and None not in (y_true.shape[-1], y_pred.shape[-1])
    ):
        raise ValueError(
            "Labels must have the shape of the outputs. Received: "
            f"y_true of shape {tuple(y_true.shape)}, y_pred of shape {tuple(y_pred.shape)}"
        )
    return ops.where(ops.cast(y_true, "float32") > 0.5, y_pred, -y_pred)
