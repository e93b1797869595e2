"""What each format of an export can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.absolute.absolute import Absolute
from lipbuild.exporting.served import Served
from lipbuild.runtimes.runtime import Outputs, Predict, in_batches


class Format(ABC):
    """One kind of file: how it is written, run and read back.

    Attributes:
        name: Its name in a config.
        suffix: The ending of its file; empty for a folder.
        runtime: What runs it, in words.
        rounds: Whether it keeps numbers in fewer bits than the model.
        absolute: How its runtime is quickest at what sorting comes to between folded kernels; None where it is not
            for serving, and no kernel is folded.
    """

    name: str
    suffix: str
    runtime: str
    rounds: bool = False
    absolute: type[Absolute] | None = None

    @abstractmethod
    def write(self, served: Served, path: Path) -> None:
        """Write the network.

        Raises:
            RefusedError: The format has no such operation.
            UnusableError: A package that it needs is not installed.
        """

    @abstractmethod
    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Lay metadata into what was written, in the place that the format has for it."""

    @abstractmethod
    def metadata(self, path: Path) -> dict[str, Any]:
        """The metadata of a file that was stamped."""

    @abstractmethod
    def load(self, path: Path) -> Predict:
        """The file in its own runtime: samples, any number of them, to outputs by their names."""

    def other_kernels(self, path: Path) -> dict[str, Predict]:
        """The same file as its runtime computes it where it is set otherwise, each by what it is in words."""
        del path
        return {}

    def predict(self, path: Path, inputs: NDArray[np.float32]) -> Outputs:
        """Load the file and run it once."""
        return self.load(path)(inputs)

    @abstractmethod
    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """Every constant array in the file, as the file has it; numbers of few bits as what they stand for."""


def run_keras(model: keras.Model, inputs: NDArray[np.float32], names: Sequence[str]) -> Outputs:
    """The outputs of a Keras model at inference, uncompiled.

    Args:
        model: The model.
        inputs: The samples.
        names: The names of its outputs, where the model has none.
    """

    def one(batch: NDArray[np.float32]) -> Outputs:
        outputs = model(batch, training=False)
        if not isinstance(outputs, dict):
            values = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            outputs = dict(zip(names, values))
        return {name: np.asarray(value) for name, value in outputs.items()}

    return in_batches(one, inputs)
