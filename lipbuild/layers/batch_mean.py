from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


def batch_mean(x: Any, axes: Sequence[int]) -> Any:
    """The mean over some axes, of the whole batch where a distribution strategy has cut it into slices.

    Args:
        x: A tensor, in training the slice of a replica.
        axes: The axes, the batch's among them.
    """
    replicas = _replicas()
    if replicas is None:
        return ops.mean(x, axis=list(axes))
    count = ops.cast(ops.prod(ops.convert_to_tensor([ops.shape(x)[axis] for axis in axes])), x.dtype)
    total, size = replicas.all_reduce("SUM", [ops.sum(x, axis=list(axes)), count])
    return total / size


def _replicas() -> Any:
    """TensorFlow's context of a replica, where there are several."""
    if keras.config.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context if context is not None and context.num_replicas_in_sync > 1 else None
