from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format, Predict, run_keras
from lipbuild.exporting.served import Served
from lipbuild.saved.load_model import load_model

_ENTRY = "lipbuild.json"


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
            archive.writestr(_ENTRY, dump_json(metadata, indent=None))

    def metadata(self, path: Path) -> dict[str, Any]:
        """The entry."""
        with zipfile.ZipFile(path) as archive:
            found: dict[str, Any] = json.loads(archive.read(_ENTRY))
        return found

    def load(self, path: Path) -> Predict:
        """Load it in safe mode."""
        model, names = load_model(path), list(self.metadata(path)["outputs"])
        return lambda inputs: run_keras(model, inputs, names)

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The model's weights."""
        return [np.asarray(weight) for weight in load_model(path).get_weights()]
