from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lipbuild.data.order import epoch_order
from lipbuild.data.part import Part
from lipbuild.training.feeds.feed import Feed


class ResidentFeed(Feed):
    """Batches of samples that all lie where they are used, on the accelerator where there is one.

    A batch is one gathering by a piece of the epoch's order, inside the step: no pipeline, no copy, no thread.

    Args:
        part: The samples.
        batch_size: The number of samples of a batch.
        seed: What the order is drawn with; the part's own order where left out.
    """

    def __init__(self, part: Part, batch_size: int, seed: int | None = None) -> None:
        arrays = [part.x, part.y] if part.weights is None else [part.x, part.y, part.weights]
        self._arrays = [tf.constant(array) for array in arrays]
        self._samples = len(part)
        self._batch_size = batch_size
        self._seed = seed
        self._order = tf.Variable(np.arange(self._samples), dtype=tf.int64, trainable=False)
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False)

    def start(self, epoch: int, step: int = 0) -> None:
        """Draw the epoch's order."""
        if self._seed is not None:
            self._order.assign(epoch_order(self._samples, self._seed, epoch))
        self._step.assign(step)

    def take(self) -> tuple[Any, ...]:
        """Gather the next batch."""
        begin = self._step.value() * self._batch_size
        size = self._batch_size
        if self._samples % size:
            rows = self._order.value()[begin : begin + size]
        else:
            rows = tf.slice(self._order.value(), [begin], [size])
        self._step.assign_add(1)
        return tuple(tf.gather(array, rows) for array in self._arrays)
