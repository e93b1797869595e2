"""Archives of weights in Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from lipbuild.reading.arrays import open_archive
from lipbuild.reading.json_file import json_object
from lipbuild.runtimes.compiled import compiled_model
from lipbuild.runtimes.runtime import Predict

ARCHITECTURE = "architecture"
METADATA = "metadata"


def metadata(path: Path) -> dict[str, Any]:
    """The array `metadata`."""
    with open_archive(path) as archive:
        return json_object(str(archive.array(METADATA)).encode(), path, "export it again")


def load(path: Path) -> Predict:
    """Build the architecture, and set the weights by their names."""
    with open_archive(path) as archive:
        with keras.saving.CustomObjectScope({}):
            model: keras.Model = keras.models.model_from_json(str(archive.array(ARCHITECTURE)))
        for weight in model.weights:
            weight.assign(archive.array(weight.path))
    return compiled_model(model, list(metadata(path)["outputs"]))
