from __future__ import annotations

from typing import Any

import tensorflow as tf


def shifted(x: Any, down: Any, right: Any, fill_value: float) -> Any:
    """Images, each moved by its own number of whole pixels.

    Args:
        x: (samples, height, width, channels).
        down: (samples,), how far each is moved down; negative moves it up.
        right: (samples,), how far each is moved to the right.
        fill_value: The value of the pixels that come in.
    """
    return _along(_along(x, down, fill_value, 1), right, fill_value, 2)


def _along(x: Any, steps: Any, fill_value: float, axis: int) -> Any:
    size = x.shape[axis]
    places = tf.range(size)[tf.newaxis] - steps[:, tf.newaxis]
    moved = tf.gather(x, tf.clip_by_value(places, 0, size - 1), axis=axis, batch_dims=1)
    inside = (places >= 0) & (places < size)
    shape = [-1, size, 1, 1] if axis == 1 else [-1, 1, size, 1]
    return tf.where(tf.reshape(inside, shape), moved, tf.cast(fill_value, x.dtype))
