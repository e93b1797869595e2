from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.network import Network
from lipbuild.saved.archive import read_archive
from lipbuild.saved.keras_config import network_of


def keras_network(model: keras.Model) -> Network:
    """A Keras model as certificates see it: what `lipbuild certify` would read of it once it is saved.

    Raises:
        RefusedError: It has a layer, an option or a structure without a known constant; the message names it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return network_of(*read_archive(path))


def network_with(
    model: keras.Model, weights: Mapping[str, NDArray[np.floating[Any]]], *, size: int | None = None
) -> Network:
    """A Keras model as certificates see it, with other weights in the place of its own.

    Args:
        model: The model.
        weights: The weights by their paths. What a file's kernels are over a factor of the network need not be a
            float32 number.
        size: What stands in the place of each size of the input that the model leaves open. Where it is None, such a
            model is refused.

    Raises:
        RefusedError: As `keras_network`.
    """
    config = json.loads(model.to_json())
    if size is not None:
        for layer in config["config"]["layers"]:
            if layer["class_name"] == "InputLayer":
                batch, *sizes = layer["config"]["batch_shape"]
                layer["config"]["batch_shape"] = [batch, *(size if n is None else n for n in sizes)]
    by_layer = {layer.name: [weights[weight.path] for weight in layer.weights] for layer in model.layers}
    return network_of(config, by_layer, weight_types=("float32", "float64"))
