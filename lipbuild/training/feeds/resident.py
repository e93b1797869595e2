from __future__ import annotations

from typing import Any

import tensorflow as tf

from lipbuild.data.order import epoch_order
from lipbuild.data.part import Part
from lipbuild.training.feeds.feed import Feed


class ResidentFeed(Feed):
    """Batches of samples that all lie where they are used, on the accelerator where there is one.

    They are brought into the epoch's order once, at its beginning: a batch is a piece of that, cut out inside the
    step. No pipeline, no copy between devices, no thread.

    Args:
        part: The samples.
        batch_size: The number of samples of a batch.
        seed: What the order is drawn with; the part's own order where left out.
    """

    def __init__(self, part: Part, batch_size: int, seed: int | None = None) -> None:
        arrays = [part.x, part.y] if part.weights is None else [part.x, part.y, part.weights]
        self._arrays = [tf.constant(array) for array in arrays]
        self._ordered = [tf.Variable(array, trainable=False) for array in self._arrays]
        self._samples = len(part)
        self._batch_size = batch_size
        self._seed = seed
        # Where a batch is cut out is read by the processor.
        with tf.device("CPU:0"):
            self._step = tf.Variable(0, dtype=tf.int64, trainable=False)

    def start(self, epoch: int, step: int = 0) -> None:
        """Bring the samples into the epoch's order."""
        if self._seed is not None:
            order = epoch_order(self._samples, self._seed, epoch)
            for array, ordered in zip(self._arrays, self._ordered):
                ordered.assign(tf.gather(array, order))
        self._step.assign(step)

    def take(self) -> tuple[Any, ...]:
        """Cut out the next batch."""
        begin = self._step.value() * self._batch_size
        self._step.assign_add(1)
        if self._samples % self._batch_size:
            end = begin + self._batch_size
            return tuple(ordered.value()[begin:end] for ordered in self._ordered)
        return tuple(
            tf.slice(
                ordered, [begin, *[0] * (len(ordered.shape) - 1)], [self._batch_size, *ordered.shape[1:]]
            )
            for ordered in self._ordered
        )
