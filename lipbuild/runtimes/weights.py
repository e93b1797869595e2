"""Archives of weights in Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lipbuild.runtimes.compiled import compiled_model
from lipbuild.runtimes.runtime import Predict

ARCHITECTURE = "architecture"
METADATA = "metadata"


def metadata(path: Path) -> dict[str, Any]:
    """The array `metadata`."""
    with np.load(path, allow_pickle=False) as archive:
        found: dict[str, Any] = json.loads(str(archive[METADATA]))
    return found


def load(path: Path) -> Predict:
    """Build the architecture, and set the weights by their names."""
    with np.load(path, allow_pickle=False) as archive:
        with keras.saving.CustomObjectScope({}):
            model: keras.Model = keras.models.model_from_json(str(archive[ARCHITECTURE]))
        for weight in model.weights:
            weight.assign(archive[weight.path])
    return compiled_model(model, list(metadata(path)["outputs"]))
