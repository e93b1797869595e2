from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from lipbuild.data.part import Part
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.feeds.feed import Feed


class StreamedFeed(Feed):
    """Batches that are read, decoded and augmented while others are used.

    Args:
        part: The samples.
        batch_size: The number of samples of a batch, over all processes.
        epochs: The number of epochs.
        distribution: Which slices of a batch are wanted.
        seed: What the order and the augmentation are drawn with; the part's own order where left out.
    """

    def __init__(
        self, part: Part, batch_size: int, epochs: int, distribution: Distribution, seed: int | None = None
    ) -> None:
        self._part = part
        self._batch_size = batch_size
        self._epochs = epochs
        self._distribution = distribution
        self._seed = seed
        self._batches: Iterator[Any] | None = None

    def start(self, epoch: int, step: int = 0) -> None:
        """Open the pipeline the first time. It continues from epoch to epoch, so that no step waits for it."""
        if self._batches is None:
            distribution = self._distribution
            data: tf.data.Dataset = self._part.batches(
                self._batch_size,
                epochs=range(epoch, self._epochs),
                first_step=step,
                seed=self._seed,
                augment=self._seed is not None,
                replicas=distribution.replicas,
                own=distribution.own,
                places=distribution.replicas > 1,
            )
            self._batches = iter(data)

    def take(self) -> tuple[Any, ...]:
        """The pipeline's next batch."""
        assert self._batches is not None
        batch: tuple[Any, ...] = next(self._batches)
        return batch
