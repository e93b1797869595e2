from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format
from lipbuild.exporting.served import Served
from lipbuild.runtimes import keras_file
from lipbuild.runtimes.runtime import Predict
from lipbuild.saved.load_model import load_model


class KerasFormat(Format):
    """A `.keras` file of built-in layers; metadata are its entry `lipbuild.json`."""

    name = "keras"
    suffix = ".keras"
    runtime = "Keras"

    def write(self, served: Served, path: Path) -> None:
        """Save the model."""
        served.model.save(path)

    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Add an entry to the archive; Keras reads the others."""
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(keras_file.ENTRY, dump_json(metadata, indent=None))

    def metadata(self, path: Path) -> dict[str, Any]:
        """The entry."""
        return keras_file.metadata(path)

    def load(self, path: Path) -> Predict:
        """Load it in safe mode."""
        return keras_file.load(path)

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The model's weights."""
        return [np.asarray(weight) for weight in load_model(path).get_weights()]
