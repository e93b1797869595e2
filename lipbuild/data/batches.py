"""The batches of a part, as a pipeline of TensorFlow's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from lipbuild.data.draws import Draws
from lipbuild.spec.losses.loss import Labels

if TYPE_CHECKING:
    from lipbuild.data.part import Part

# The second half of a stateless seed: it keeps the data's randomness apart from any other with the same seed.
_STREAM = 0x64617461


def make_batches(
    part: Part,
    batch_size: int,
    *,
    epochs: range,
    seed: int | None,
    shard: tuple[int, int],
    drop_remainder: bool,
    augment: bool,
) -> tf.data.Dataset:
    """See `Part.batches`.

    Only sample numbers are shuffled, split and put into batches; whole batches are then read, decoded and
    augmented, each step in parallel with the others and with the training.
    """
    worker, workers = shard
    if batch_size % workers:
        raise ValueError(f"a batch of {batch_size} samples cannot be divided among {workers} workers")
    if epochs.step != 1:
        raise ValueError(f"epochs in a row are needed, and these are {epochs}")
    augmentation = part.augmentation if augment else None
    if augmentation is not None and seed is None:
        raise ValueError("augmentation needs a seed")
    steps = part.steps(batch_size, shards=workers, drop_remainder=drop_remainder)
    # Where samples are mixed each worker reads the whole batch, and leaves the others' samples out at the end.
    cut_late = augmentation is not None and augmentation.mixes
    read_by, readers = (0, 1) if cut_late else shard
    share = batch_size // readers
    full = len(part) >= steps * batch_size

    def of_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.range(len(part), dtype=tf.int64)
        if seed is not None:
            order = tf.random.experimental.stateless_shuffle(order, seed=_seed(seed, epoch))
        own = order[read_by::readers]

        def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            positions = own[step * share : (step + 1) * share]
            return epoch, step, tf.ensure_shape(positions, [share if full else None])

        return tf.data.Dataset.range(steps).map(batch)

    with tf.device("CPU:0"):
        indices = tf.constant(part.indices)
        targets = tf.constant(part.targets)
        weights = None if part.weights is None else tf.constant(part.weights)
    data = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(of_epoch)
    data = data.map(lambda epoch, step, positions: (epoch, step, positions, tf.gather(indices, positions)))
    for stage in part.features.stages():
        data = _mapped(data, lambda e, s, p, value, stage=stage: (e, s, p, stage(value)))

    def finish(
        epoch: tf.Tensor, step: tf.Tensor, positions: tf.Tensor, x: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        x = tf.ensure_shape(x, [positions.shape[0], *part.features.shape])
        y = _encoded(tf.gather(targets, positions), part.labels, part.classes)
        if augmentation is not None:
            assert seed is not None
            key = tf.random.experimental.stateless_fold_in(_seed(seed, epoch), step)
            shape = x.shape
            x, y = augmentation(x, y, Draws(key, batch_size, read_by, readers, tf.shape(x)[0]))
            x = tf.ensure_shape(x, shape)
        batch = (x, y) if weights is None else (x, y, tf.gather(weights, positions))
        return tuple(value[worker::workers] for value in batch) if cut_late else batch

    data = _mapped(data, finish).apply(tf.data.experimental.assert_cardinality(steps * len(epochs)))
    options = tf.data.Options()
    options.deterministic = True
    # The workers' shares have been cut already.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return data.prefetch(tf.data.AUTOTUNE).with_options(options)


def _mapped(data: tf.data.Dataset, function: Any) -> tf.data.Dataset:
    return data.map(function, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def _seed(seed: int, epoch: tf.Tensor) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(tf.constant([seed, _STREAM], tf.int64), epoch)


def _encoded(targets: tf.Tensor, labels: Labels, classes: int) -> tf.Tensor:
    """What `lipbuild.data.labels.encode` gives."""
    if labels == "value":
        return targets
    if labels == "index":
        return tf.cast(targets, tf.int64)
    if labels == "onehot":
        return tf.one_hot(tf.cast(targets, tf.int64), classes, dtype=tf.float32)
    positive = tf.cast(targets, tf.float32)[:, np.newaxis]
    return positive if labels == "zero_one" else 2.0 * positive - 1.0
