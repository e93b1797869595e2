from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format, Predict, run_keras
from lipbuild.exporting.served import Served

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
        with np.load(path, allow_pickle=False) as archive:
            arrays: dict[str, Any] = {name: archive[name] for name in archive.files if name != _METADATA}
        arrays[_METADATA] = np.array(dump_json(metadata, indent=None))
        np.savez(path, **arrays)

    def metadata(self, path: Path) -> dict[str, Any]:
        """The array `metadata`."""
        with np.load(path, allow_pickle=False) as archive:
            found: dict[str, Any] = json.loads(str(archive[_METADATA]))
        return found

    def load(self, path: Path) -> Predict:
        """Build the architecture, and set the weights by their names."""
        with np.load(path, allow_pickle=False) as archive:
            with keras.saving.CustomObjectScope({}):
                model: keras.Model = keras.models.model_from_json(str(archive[_ARCHITECTURE]))
            for weight in model.weights:
                weight.assign(archive[weight.path])
        names = list(self.metadata(path)["outputs"])
        return lambda inputs: run_keras(model, inputs, names)

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The arrays that are weights."""
        with np.load(path, allow_pickle=False) as archive:
            return [archive[name] for name in archive.files if name not in (_ARCHITECTURE, _METADATA)]
