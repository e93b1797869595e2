from __future__ import annotations

from typing import Any


def mapped(data: Any, function: Any) -> Any:
    """A `tf.data.Dataset` with a function of its elements, several of which are worked on at a time, in order."""
    import tensorflow as tf

    # The functions are made of TensorFlow's operations: there is no Python control flow to translate.
    plain = tf.autograph.experimental.do_not_convert(function)
    return data.map(plain, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
