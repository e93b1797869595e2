"""The batches of a part, as a pipeline of TensorFlow's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from lipbuild.data.order import epoch_order

if TYPE_CHECKING:
    from lipbuild.data.dataset import Part


def make_batches(
    part: Part,
    batch_size: int,
    *,
    epochs: range,
    first_step: int,
    seed: int | None,
    replicas: int,
    own: range,
    places: bool,
) -> tf.data.Dataset:
    """See `Part.batches`."""
    count, steps = len(part), part.steps(batch_size)
    with tf.device("CPU:0"):
        arrays = (tf.constant(part.x), tf.constant(part.y))

    def of_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.range(count, dtype=tf.int64) if seed is None else epoch_order(count, seed, epoch)

        def batch(step: tf.Tensor) -> tuple[tf.Tensor, ...]:
            start = step * batch_size
            total = tf.minimum(count - start, batch_size)
            begin, end = (slice_start(total, replicas, replica) for replica in (own.start, own.stop))
            rows = order[start + begin : start + end]
            values = tuple(tf.gather(array, rows) for array in arrays)
            return (*values, begin, total) if places else values

        first = tf.where(epoch == epochs.start, tf.constant(first_step, tf.int64), tf.constant(0, tf.int64))
        return tf.data.Dataset.range(first, steps).map(batch)

    data = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(of_epoch)
    return data.prefetch(tf.data.AUTOTUNE)


def slice_start(total: Any, replicas: int, replica: int) -> Any:
    """Where a replica's slice of a batch begins: the first `total mod replicas` slices have one sample more.

    Args:
        total: The number of samples of the batch.
        replicas: The number of slices.
        replica: The slice, from 0; `replicas` gives the end of the last one.
    """
    return replica * (total // replicas) + tf.minimum(tf.cast(replica, total.dtype), total % replicas)
