from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Part:
    """One part of the data: inputs, and their labels as the loss wants them.

    Attributes:
        x: The inputs, samples first, float32.
        y: The labels, encoded for the loss.
        targets: The class number (or the numbers to predict) of each sample.
    """

    x: NDArray[np.float32]
    y: NDArray[np.generic]
    targets: NDArray[np.generic]

    weights: NDArray[np.float32] | None = None
    augmentation: None = None

    @property
    def in_memory(self) -> bool:
        """Whether `x` is there already."""
        return True

    def __len__(self) -> int:
        return len(self.x)

    def steps(self, batch_size: int) -> int:
        """The number of batches of an epoch."""
        return -(-len(self) // batch_size)

    def batches(
        self,
        batch_size: int,
        *,
        epochs: range = range(1),
        first_step: int = 0,
        seed: int | None = None,
        augment: bool = False,
        replicas: int = 1,
        own: range = range(1),
        places: bool = False,
    ) -> tf.data.Dataset:
        """Batches (x, y) of one epoch or several in a row; their order depends on the seed and the epoch alone.

        Args:
            batch_size: The number of samples of one batch, of all processes together.
            epochs: The numbers of the epochs.
            first_step: The step of the first epoch to begin with.
            seed: What the order is drawn with; the part's own order where left out.
            augment: Whether the inputs are changed at random.
            replicas: Into how many slices each batch is cut.
            own: Which of the slices are given.
            places: Whether two numbers follow: the place of the first sample in the whole batch, and the number of
                samples of the whole batch.
        """
        from lipbuild.data.batches import make_batches

        return make_batches(
            self,
            batch_size,
            epochs=epochs,
            first_step=first_step,
            seed=seed,
            replicas=replicas,
            own=own,
            places=places,
        )


@dataclass(frozen=True)
class Dataset:
    """The data of a config, split and encoded.

    Attributes:
        train: What the network learns from.
        validation: What each epoch is measured on; None where the config keeps none apart.
        test: What `evaluate` measures on.
        class_names: The names of the classes in the order of their numbers; empty for regression.
        unit: What one unit of a radius is.
    """

    train: Part
    validation: Part | None
    test: Part
    class_names: tuple[str, ...]
    unit: str

    @property
    def watched(self) -> Part:
        """What each epoch is measured on: the validation part, or else the test part.

        Nothing is chosen by it: the last epoch's weights are kept whatever it shows.
        """
        return self.validation if self.validation is not None else self.test
