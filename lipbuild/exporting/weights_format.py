from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format, Predict, run_keras
from lipbuild.exporting.served import Served
from lipbuild.reading.arrays import open_archive
from lipbuild.reading.json_file import json_object

_ARCHITECTURE = "architecture"
_METADATA = "metadata"


class WeightsFormat(Format):
    """A NumPy archive: each weight under Keras's name for it, and as JSON the `architecture` and the `metadata`."""

    name = "weights"
    suffix = ".npz"
    runtime = "Keras, from the archive's architecture and weights"

    def write(self, served: Served, path: Path) -> None:
        """One array a weight."""
        arrays: dict[str, Any] = {weight.path: np.asarray(weight) for weight in served.model.weights}
        arrays[_ARCHITECTURE] = np.array(served.model.to_json())
        np.savez(path, **arrays)

    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Write the archive again, with one more array."""
        with open_archive(path) as archive:
            arrays: dict[str, Any] = {
                name: archive.array(name) for name in archive.names if name != _METADATA
            }
        arrays[_METADATA] = np.array(dump_json(metadata, indent=None))
        np.savez(path, **arrays)

    def metadata(self, path: Path) -> dict[str, Any]:
        """The array `metadata`."""
        with open_archive(path) as archive:
            return json_object(str(archive.array(_METADATA)).encode(), path, "export it anew")

    def load(self, path: Path) -> Predict:
        """Build the architecture, and set the weights by their names."""
        with open_archive(path) as archive:
            with keras.saving.CustomObjectScope({}):
                model: keras.Model = keras.models.model_from_json(str(archive.array(_ARCHITECTURE)))
            for weight in model.weights:
                weight.assign(archive.array(weight.path))
        names = list(self.metadata(path)["outputs"])
        return lambda inputs: run_keras(model, inputs, names)

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The arrays that are weights."""
        with open_archive(path) as archive:
            found: list[Any] = [
                archive.array(name) for name in archive.names if name not in (_ARCHITECTURE, _METADATA)
            ]
            return found
