from __future__ import annotations

from typing import Any

import tensorflow as tf

from lipbuild.data.read_errors import marked


def decode_image(content: Any, shape: tuple[int, ...], *, resize: bool) -> Any:
    """An encoded image as pixels of one byte.

    Args:
        content: The file's content, a string.
        shape: Height, width and channels.
        resize: Whether an image of another size is resized, averaging where it becomes smaller.

    Returns:
        (*shape), uint8.
    """
    height, width, channels = shape
    common = tf.io.is_jpeg(content) | _starts(content, b"\x89PNG\r\n\x1a\n")
    known = common | _starts(content, b"GIF8") | _starts(content, b"BM")
    message = marked("it is no PNG, JPEG, BMP or GIF image")
    with tf.control_dependencies([tf.debugging.Assert(known, [message], summarize=1)]):
        content = tf.identity(content)
    image = (
        _decoded(content, channels)
        if channels == 3
        else tf.cond(
            common,
            lambda: _decoded(content, channels),
            # Bitmaps and GIFs are decoded in colours alone.
            lambda: tf.image.rgb_to_grayscale(_decoded(content, 3)),
        )
    )
    if resize:
        resized = tf.image.resize(tf.cast(image, tf.float32), [height, width], antialias=True)
        image = tf.cast(tf.clip_by_value(tf.round(resized), 0.0, 255.0), tf.uint8)
    else:
        found = tf.shape(image)
        fits = tf.reduce_all(tf.equal(found[:2], [height, width]))
        begin, _, end = marked("|").partition("|")
        message = tf.strings.join(
            [f"{begin}its size is ", tf.as_string(found[0]), " by ", tf.as_string(found[1]),
             f", and {height} by {width} is expected{end}"]
        )  # fmt: skip
        with tf.control_dependencies([tf.debugging.Assert(fits, [message], summarize=1)]):
            image = tf.identity(image)
    return tf.ensure_shape(image, shape)


def _starts(content: Any, magic: bytes) -> Any:
    return tf.equal(tf.strings.substr(content, 0, len(magic)), magic)


def _decoded(content: Any, channels: int) -> Any:
    image = tf.io.decode_image(content, channels=channels, expand_animations=False)
    return tf.ensure_shape(image, [None, None, channels])
