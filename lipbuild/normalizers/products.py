"""Products with transposed matrices."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def times(a: Any, b: Any, *, transpose_a: bool = False, transpose_b: bool = False) -> Any:
    """`ops.matmul` of matrices or stacks of them, each transposed first where that is asked for.

    TensorFlow's product transposes by itself, so that a graph has two operations fewer.
    """
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        return tf.matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b)
    a = ops.swapaxes(a, -1, -2) if transpose_a else a
    return ops.matmul(a, ops.swapaxes(b, -1, -2) if transpose_b else b)
