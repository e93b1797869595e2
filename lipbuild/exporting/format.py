"""What each format of an export can do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.absolute.absolute import Absolute
from lipbuild.exporting.kind import Kind
from lipbuild.exporting.served import Served
from lipbuild.runtimes.runtime import Outputs, in_batches

if TYPE_CHECKING:
    from lipbuild.exporting.exported import Exported
    from lipbuild.exporting.exporter import Exporter


class Format(Kind):
    """A kind of file that is converted from a Keras model: how it is written, run and read back.

    Attributes:
        absolute: How its runtime is quickest at what sorting comes to between folded kernels; None where it is not
            for serving, and no kernel is folded.
    """

    absolute: type[Absolute] | None = None

    def export(self, exporter: Exporter, path: Path) -> Exported:
        """Write it; see `Exporter.write`."""
        return exporter.write(self, path)

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
