from __future__ import annotations

from typing import Any

import tensorflow as tf


def decode_image(content: Any, shape: tuple[int, ...], *, resize: bool, bitmaps: bool = True) -> Any:
    """An encoded PNG, JPEG, BMP or GIF image as pixels of one byte.

    Args:
        content: The file's content, a string.
        shape: Height, width and channels.
        resize: Whether an image of another size is resized, averaging where it becomes smaller.
        bitmaps: Whether it may be a BMP or a GIF, which are decoded in colours alone.

    Returns:
        (*shape), uint8.
    """
    height, width, channels = shape
    if channels == 3 or not bitmaps:
        image = _decoded(content, channels)
    else:
        image = tf.cond(
            tf.io.is_jpeg(content) | tf.equal(tf.strings.substr(content, 0, 4), b"\x89PNG"),
            lambda: _decoded(content, channels),
            lambda: tf.image.rgb_to_grayscale(_decoded(content, 3)),
        )
    if resize:
        resized = tf.image.resize(tf.cast(image, tf.float32), [height, width], antialias=True)
        image = tf.cast(tf.clip_by_value(tf.round(resized), 0.0, 255.0), tf.uint8)
    return tf.ensure_shape(image, shape)


def _decoded(content: Any, channels: int) -> Any:
    image = tf.io.decode_image(content, channels=channels, expand_animations=False)
    # Its rank alone is known: anything more would be looked at for each image.
    image.set_shape([None, None, channels])
    return image
