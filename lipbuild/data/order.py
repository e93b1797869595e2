from __future__ import annotations

from typing import Any

import tensorflow as tf

# The second half of a stateless seed: it keeps the data's randomness apart from any other with the same seed.
_STREAM = 0x64617461


def epoch_seed(seed: int, epoch: Any) -> tf.Tensor:
    """What everything random about the data of an epoch is drawn with."""
    # The type of the number counts.
    number = tf.cast(epoch, tf.int64)
    return tf.random.experimental.stateless_fold_in(tf.constant([seed, _STREAM], tf.int64), number)


def epoch_order(samples: int, seed: int, epoch: Any) -> tf.Tensor:
    """The order of the samples in an epoch: their numbers, shuffled."""
    numbers = tf.range(samples, dtype=tf.int64)
    return tf.random.experimental.stateless_shuffle(numbers, seed=epoch_seed(seed, epoch))
