"""The batches of a part, as a pipeline of TensorFlow's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from lipbuild.config.choices import Labels
from lipbuild.data.draws import Draws
from lipbuild.data.features import Stage
from lipbuild.data.mapped import mapped
from lipbuild.data.order import epoch_order, epoch_seed, mixed_order

if TYPE_CHECKING:
    from lipbuild.data.part import Mixed, Part


def make_batches(
    part: Part,
    batch_size: int,
    *,
    epochs: range,
    first_step: int,
    seed: int | None,
    augment: bool,
    drop_remainder: bool,
    replicas: int,
    own: range,
    places: bool,
) -> tf.data.Dataset:
    """See `Part.batches`.

    Only sample numbers are shuffled, cut and put into batches; whole batches are then read, decoded and augmented,
    each step in parallel with the others and with the training.
    """
    augmentation = part.augmentation if augment else None
    if augmentation is not None and seed is None:
        raise ValueError("augmentation needs a seed")
    if epochs.step != 1 or own.step != 1 or not 0 <= own.start < own.stop <= replicas:
        raise ValueError(f"epochs {epochs}, slices {own} of {replicas}")
    steps = part.steps(batch_size, drop_remainder=drop_remainder)
    # Where samples are mixed the whole batch is read, and the slice is cut out of it at the end.
    cut_late = augmentation is not None and augmentation.mixes
    read = range(replicas) if cut_late else own
    size = _fixed_size(part, batch_size, steps, replicas, read)
    own_samples, mixed, count = len(part), part.mixed, part.samples(batch_size)

    def of_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        if mixed is None:
            order = epoch_order(count, seed, epoch)
        else:
            share = mixed.of_batch(batch_size)
            order = mixed_order(own_samples, len(mixed), share, batch_size, seed, epoch)

        def batch(step: tf.Tensor) -> tuple[tf.Tensor, ...]:
            start = step * batch_size
            total = tf.minimum(count - start, batch_size)
            begin, end = (slice_start(total, replicas, replica) for replica in (read.start, read.stop))
            return epoch, step, total, tf.ensure_shape(order[start + begin : start + end], [size])

        first = tf.where(epoch == epochs.start, tf.constant(first_step, tf.int64), tf.constant(0, tf.int64))
        return tf.data.Dataset.range(first, steps).map(batch)

    with tf.device("CPU:0"):
        indices = tf.constant(part.indices)
        targets = tf.constant(part.targets)
        weights = None if part.weights is None else tf.constant(part.weights)
        if mixed is not None:
            indices = tf.concat([indices, mixed.indices + len(part.features)], 0)
            targets = tf.concat([targets, mixed.targets], 0)
            if part.weights is not None or mixed.weights is not None:
                weights = tf.concat([_weights(part), _weights(mixed)], 0)
    data = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(of_epoch)
    # The last stage only turns values into float32: it is not a step by itself.
    *reading, last = part.features.stages() if mixed is None else _of_both(part, mixed)
    for stage in reading:
        data = mapped(
            data, lambda e, s, t, p, *v, stage=stage: (e, s, t, p, stage(*v or (tf.gather(indices, p),)))
        )

    def finish(
        epoch: tf.Tensor, step: tf.Tensor, total: tf.Tensor, positions: tf.Tensor, *value: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        x = last(*value or (tf.gather(indices, positions),))
        x = tf.ensure_shape(x, [size, *part.features.shape])
        y = _encoded(tf.gather(targets, positions), part.labels, part.classes)
        begin, end = (slice_start(total, replicas, replica) for replica in (read.start, read.stop))
        if augmentation is not None:
            assert seed is not None
            key = tf.random.experimental.stateless_fold_in(epoch_seed(seed, epoch), step)
            shape = x.shape
            x, y = augmentation(x, y, Draws(key, batch_size, begin, end))
            x = tf.ensure_shape(x, shape)
        batch = (x, y) if weights is None else (x, y, tf.gather(weights, positions))
        if cut_late:
            begin, end = (slice_start(total, replicas, replica) for replica in (own.start, own.stop))
            batch = tuple(value[begin:end] for value in batch)
        return (*batch, begin, total) if places else batch

    batches = max(steps * len(epochs) - first_step, 0) if len(epochs) else 0
    data = mapped(data, finish).apply(tf.data.experimental.assert_cardinality(batches))
    options = tf.data.Options()
    options.deterministic = True
    # Batches have been cut already.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return data.prefetch(tf.data.AUTOTUNE).with_options(options)


def slice_start(total: Any, replicas: int, replica: int) -> Any:
    """Where a replica's slice of a batch begins: the first `total mod replicas` slices have one sample more.

    Args:
        total: The number of samples of the batch.
        replicas: The number of slices.
        replica: The slice, from 0; `replicas` gives the end of the last one.
    """
    return replica * (total // replicas) + tf.minimum(tf.cast(replica, total.dtype), total % replicas)


def _of_both(part: Part, mixed: Mixed) -> list[Stage]:
    """The steps from sample numbers to samples, where the numbers of those that are mixed in follow the others."""
    count = len(part.features)
    own, others = part.features.stages(), mixed.features.stages()

    def read(numbers: tf.Tensor) -> tf.Tensor:
        is_other = numbers >= count
        values, places = [], []
        for stages, chosen, start in ((own, ~is_other, 0), (others, is_other, count)):
            place = tf.where(chosen)[:, 0]
            value = tf.gather(numbers, place) - start
            for stage in stages:
                value = stage(value)
            values.append(value)
            places.append(place)
        back = tf.argsort(tf.concat(places, 0))
        return tf.gather(tf.concat(values, 0), back)

    return [read, lambda values: values]


def _weights(samples: Part | Mixed) -> NDArray[np.float32]:
    """What each sample counts in the loss."""
    return np.ones(len(samples), np.float32) if samples.weights is None else samples.weights


def _fixed_size(part: Part, batch_size: int, steps: int, replicas: int, read: range) -> int | None:
    """The number of samples that every batch has, or None where they differ."""
    if part.samples(batch_size) < steps * batch_size:
        return None
    begin, end = (
        r * (batch_size // replicas) + min(r, batch_size % replicas) for r in (read.start, read.stop)
    )
    return end - begin


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
