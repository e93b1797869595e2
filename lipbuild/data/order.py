from __future__ import annotations

from typing import Any

import tensorflow as tf

# The second half of a stateless seed: it keeps the data's randomness apart from any other with the same seed, and that
# of samples that are mixed in from the rest.
_STREAM, _MIXED = 0x64617461, 0x6D697864


def epoch_seed(seed: int, epoch: Any, stream: int = _STREAM) -> tf.Tensor:
    """What everything random about the data of an epoch is drawn with."""
    # The type of the number counts.
    number = tf.cast(epoch, tf.int64)
    return tf.random.experimental.stateless_fold_in(tf.constant([seed, stream], tf.int64), number)


def epoch_order(samples: int, seed: int | None, epoch: Any, stream: int = _STREAM) -> tf.Tensor:
    """The order of the samples in an epoch: their numbers, shuffled; as they are without a seed."""
    numbers = tf.range(samples, dtype=tf.int64)
    if seed is None:
        return numbers
    return tf.random.experimental.stateless_shuffle(numbers, seed=epoch_seed(seed, epoch, stream))


def mixed_order(
    samples: int, mixed: int, of_batch: int, batch_size: int, seed: int | None, epoch: Any
) -> tf.Tensor:
    """The order of the samples in an epoch with others mixed in, whose numbers follow theirs.

    Those others go on where the epoch before has ended, shuffled anew each time that all of them have been taken. In
    each batch, and in each slice of it, they are spread evenly.

    Args:
        samples: The number of samples, which an epoch goes through once.
        mixed: The number of samples that are mixed in.
        of_batch: How many of a batch are of these.
        batch_size: The number of samples of a batch.
        seed: What both are shuffled with; as they are where it is left out.
        epoch: The number of the epoch.
    """
    total = mixed_total(samples, of_batch, batch_size)
    taken = total - samples
    begin = tf.cast(epoch, tf.int64) * taken
    first, last = begin // mixed, (begin + max(taken, 1) - 1) // mixed
    passes = tf.map_fn(
        lambda number: epoch_order(mixed, seed, number, _MIXED),
        tf.range(first, last + 1),
        fn_output_signature=tf.TensorSpec([mixed], tf.int64),
    )
    others = tf.reshape(passes, [-1])[begin - first * mixed :][:taken]
    # So many of those before each place are mixed in.
    before = tf.range(total + 1, dtype=tf.int64) * of_batch // batch_size
    is_mixed = before[1:] > before[:-1]
    own = epoch_order(samples, seed, epoch)
    at = tf.where(is_mixed, before[:-1] + samples, tf.range(total, dtype=tf.int64) - before[:-1])
    return tf.gather(tf.concat([own, samples + others], 0), at)


def mixed_total(samples: int, of_batch: int, batch_size: int) -> int:
    """The number of samples of an epoch with others mixed in: as few as hold all of its own."""
    return (samples - 1) * batch_size // (batch_size - of_batch) + 1
