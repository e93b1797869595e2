"""A saved Keras model, read without Keras: nothing in it is run."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import UnusableError

Array = np.ndarray
Weights = dict[str, Array]


@dataclass(frozen=True)
class ModelFile:
    """What a file of a model holds.

    Attributes:
        config: Its configuration, as Keras serialises it.
        weights: The weights by the path of the layer (`outer/inner` within nested models): by their names, or by
            their numbers as text where the file has no names.
    """

    config: Mapping[str, Any]
    weights: Mapping[str, Weights]


def read_model_file(path: Path) -> ModelFile:
    """Read a `.keras` archive, or an HDF5 file of Keras 2 or 3.

    Raises:
        UnusableError: It is missing, or neither.
    """
    if not path.is_file():
        raise UnusableError(f"{path}: there is no such model")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                config = json.loads(archive.read("config.json"))
                return ModelFile(config, _archived(archive.read("model.weights.h5"), config))
        return _hdf5(path)
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnusableError(
            f"{path}: it cannot be read as a Keras model: {error}", "save it again with `model.save`"
        ) from None


def _archived(content: bytes, config: Mapping[str, Any]) -> dict[str, Weights]:
    import h5py

    found: dict[str, Weights] = {}
    with h5py.File(io.BytesIO(content), "r") as file:
        _archived_layers(file, config, "", found)
    return found


def _archived_layers(group: Any, config: Mapping[str, Any], prefix: str, found: dict[str, Weights]) -> None:
    """The weights of a model's layers: Keras files them by class, in their order."""
    used: dict[str, int] = {}
    for layer in config["config"]["layers"]:
        if str(layer.get("module", "")).startswith("keras.src.ops"):
            continue
        stem = _snake_case(str(layer["class_name"]))
        used[stem] = used.get(stem, -1) + 1
        name = f"{prefix}{layer['config']['name']}"
        own = group.get(f"layers/{stem}" + (f"_{used[stem]}" if used[stem] else ""))
        if own is None:
            continue
        if "layers" in layer["config"]:
            _archived_layers(own, layer, f"{name}/", found)
        elif "vars" in own:
            found[name] = {key: np.asarray(own["vars"][key]) for key in own["vars"]}


def _hdf5(path: Path) -> ModelFile:
    import h5py

    with h5py.File(path, "r") as file:
        config = json.loads(_text(file.attrs["model_config"]))
        weights: dict[str, Weights] = {}
        groups = file["model_weights"]
        for layer in (_text(name) for name in groups.attrs["layer_names"]):
            for full in (_text(name) for name in groups[layer].attrs["weight_names"]):
                *parents, variable = full.split(":")[0].split("/")
                # A nested model's layers are within it; the name of its own group may be repeated.
                inner = parents[-1] if parents else layer
                owner = layer if inner == layer else f"{layer}/{inner}"
                array = np.asarray(groups[layer][full])
                weights.setdefault(owner, {})[variable] = array
        return ModelFile(config, weights)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _snake_case(name: str) -> str:
    """The name that Keras derives from a class."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
