from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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

    def __len__(self) -> int:
        return len(self.x)


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
