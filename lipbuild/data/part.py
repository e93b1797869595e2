from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Labels
from lipbuild.data.features import Features
from lipbuild.data.labels import Targets, encode

if TYPE_CHECKING:
    import tensorflow as tf

    from lipbuild.config.mix import MixSection
    from lipbuild.data.augmentation import Augmentation


@dataclass(frozen=True)
class Mixed:
    """Samples of a second source, of which each batch has a share.

    Attributes:
        features: The inputs of the source.
        indices: Which of its samples are taken.
        targets: The class number (or the numbers to predict) of each of them.
        weights: What each counts in the loss; None where all count 1.
        mix: Their share of a batch.
    """

    features: Features
    indices: NDArray[np.int64]
    targets: NDArray[np.generic]
    weights: NDArray[np.float32] | None
    mix: MixSection

    def __len__(self) -> int:
        return len(self.indices)

    def of_batch(self, batch_size: int) -> int:
        """How many samples of a batch are of these; at least one is of the others."""
        return min(self.mix.of_batch(batch_size), batch_size - 1)


class Part:
    """One part of the data: inputs, and their labels as the loss wants them.

    It comes as arrays (`x`, `y`, `weights`) or as batches of a `tf.data.Dataset`; both hold the same values.

    Args:
        features: The inputs of the whole data set.
        indices: Which of its samples are in this part.
        targets: The class number (or the numbers to predict) of each of them.
        labels: How the loss wants its labels.
        classes: The number of classes, for one-hot rows.
        weights: What each sample counts in the loss; 1 where left out.
        augmentation: What changes the inputs at random; the training part alone has one.
        mixed: What its batches are mixed with; the training part alone has any.

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
        mixed: Mixed | None = None,
    ) -> None:
        self.features = features
        self.indices = np.asarray(indices, dtype=np.int64)
        self.targets = targets
        self.labels = labels
        self.classes = classes
        self.weights = weights
        self.augmentation = augmentation
        self.mixed = mixed

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

    def samples(self, batch_size: int) -> int:
        """The number of samples of an epoch, with those that are mixed in.

        Args:
            batch_size: The number of samples of one batch.
        """
        if self.mixed is None:
            return len(self)
        from lipbuild.data.order import mixed_total

        return mixed_total(len(self), self.mixed.of_batch(batch_size), batch_size)

    def steps(self, batch_size: int, *, drop_remainder: bool = False) -> int:
        """The number of batches of an epoch.

        Args:
            batch_size: The number of samples of one batch.
            drop_remainder: Whether a last batch that is not full is left out.
        """
        whole, rest = divmod(self.samples(batch_size), batch_size)
        return whole + (rest > 0 and not drop_remainder)

    def batches(
        self,
        batch_size: int,
        *,
        epochs: range = range(1),
        first_step: int = 0,
        seed: int | None = None,
        augment: bool = False,
        drop_remainder: bool = False,
        replicas: int = 1,
        own: range = range(1),
        places: bool = False,
    ) -> tf.data.Dataset:
        """Batches (x, y), or (x, y, weights) where samples have weights, of one epoch or several in a row.

        The order of an epoch and its augmentation depend on the seed and the epoch's number alone: a run that goes
        on in the middle of epoch 7 sees what an uninterrupted one sees there, nothing has to be read again to get
        there, and processes agree on the batches without a word. So it is with what is mixed in.

        Args:
            batch_size: The number of samples of one batch, of all processes together.
            epochs: The numbers of the epochs; `range(7, 30)` begins with the eighth.
            first_step: The step of the first epoch to begin with.
            seed: What the order and the augmentation are drawn with; the part's own order where left out.
            augment: Whether the inputs are changed at random as `data.augment` says.
            drop_remainder: Whether a last batch that is not full is left out.
            replicas: Into how many slices each batch is cut, in order and as equal as can be: see `slice_start`.
            own: Which of the slices are given, such as `range(2, 4)` for the second of two processes with two
                replicas each. Only these are read.
            places: Whether two numbers follow: the place of the first sample in the whole batch, and the number of
                samples of the whole batch.

        Raises:
            ValueError: It is to be augmented without a seed, or the numbers do not fit each other.
        """
        from lipbuild.data.batches import make_batches

        return make_batches(
            self,
            batch_size,
            epochs=epochs,
            first_step=first_step,
            seed=seed,
            augment=augment,
            drop_remainder=drop_remainder,
            replicas=replicas,
            own=own,
            places=places,
        )
