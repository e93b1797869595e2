from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.features import Features
from lipbuild.data.labels import Targets, encode
from lipbuild.spec.losses.loss import Labels

if TYPE_CHECKING:
    import tensorflow as tf

    from lipbuild.data.augmentation import Augmentation


class Part:
    """One part of the data: inputs, and their labels as the loss wants them.

    It can be had as arrays (`x`, `y`, `weights`) or as batches of a `tf.data.Dataset`; both hold the same values.

    Args:
        features: The inputs of the whole data set.
        indices: Which of its samples are in this part.
        targets: The class number (or the numbers to predict) of each of them.
        labels: How the loss wants its labels.
        classes: The number of classes, for one-hot rows.
        weights: What each sample counts in the loss; 1 where left out.
        augmentation: What changes the inputs at random; the training part alone has one.

    Attributes:
        targets: The class number (or the numbers to predict) of each sample.
        weights: What each sample counts in the loss, float32; None where all count the same.
    """

    def __init__(
        self,
        features: Features,
        indices: NDArray[np.int64],
        targets: NDArray[np.generic],
        labels: Labels,
        classes: int,
        weights: NDArray[np.float32] | None = None,
        augmentation: Augmentation | None = None,
    ) -> None:
        self.features = features
        self.indices = np.asarray(indices, dtype=np.int64)
        self.targets = targets
        self.labels = labels
        self.classes = classes
        self.weights = weights
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def in_memory(self) -> bool:
        """Whether `x` is there already, rather than read when it is asked for."""
        return self.features.in_memory

    @cached_property
    def x(self) -> NDArray[np.float32]:
        """The inputs, samples first. Where they are not in memory this reads all of them into it."""
        return self.features.take(self.indices)

    @cached_property
    def y(self) -> NDArray[np.generic]:
        """The labels, encoded for the loss."""
        return encode(Targets(self.targets, ()), self.labels, self.classes)

    def steps(self, batch_size: int, *, shards: int = 1, drop_remainder: bool = False) -> int:
        """The number of batches of an epoch, the same for every worker.

        Args:
            batch_size: The number of samples of one batch of all workers together.
            shards: The number of workers. A last batch with fewer samples than workers is left out.
            drop_remainder: Whether a last batch that is not full is left out.
        """
        whole, rest = divmod(len(self), batch_size)
        return whole + (rest >= shards and not drop_remainder)

    def batches(
        self,
        batch_size: int,
        *,
        epochs: range = range(1),
        seed: int | None = None,
        shard: tuple[int, int] = (0, 1),
        drop_remainder: bool = False,
        augment: bool = False,
    ) -> tf.data.Dataset:
        """Batches (x, y), or (x, y, weights) where samples have weights, of one epoch or several in a row.

        An epoch's order and its augmentation depend on the seed and the epoch's number alone: a run that goes on
        with epoch 7 sees what an uninterrupted one sees there, and nothing has to be read again to get there.

        Args:
            batch_size: The number of samples of one batch, of all workers together.
            epochs: The numbers of the epochs; `range(7, 30)` begins with the eighth.
            seed: What the order and the augmentation are drawn with; the part's own order where left out.
            shard: The number of this worker and how many there are. Worker i of n is given the samples i, i + n,
                i + 2n… of each batch, so that together they see the batches that one alone would.
            drop_remainder: Whether a last batch that is not full is left out.
            augment: Whether the inputs are changed at random as `data.augment` says.

        Raises:
            ValueError: The batch cannot be divided among the workers, or it is to be augmented without a seed.
        """
        from lipbuild.data.batches import make_batches

        return make_batches(
            self,
            batch_size,
            epochs=epochs,
            seed=seed,
            shard=shard,
            drop_remainder=drop_remainder,
            augment=augment,
        )
