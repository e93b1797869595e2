"""What TensorBoard shows, written by TensorFlow alone: its plugins read these tensors."""

from __future__ import annotations

from typing import Any


def write_scalar(tag: str, value: float, step: int) -> None:
    """Write a number, to the writer that is the default."""
    write_tensor("scalars", tag, value, step)


def write_tensor(plugin: str, tag: str, value: Any, step: int) -> None:
    """Write a tensor that a plugin of TensorBoard's reads, to the writer that is the default."""
    import numpy as np
    import tensorflow as tf

    metadata = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": plugin})
    tensor = np.float32(value) if plugin == "scalars" else value
    tf.summary.write(tag, tensor, step=step, metadata=metadata)
