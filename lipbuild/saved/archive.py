"""A `.keras` file without Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.saved.keras_config import is_plain_model
from lipbuild.saved.keras_zip import read_keras_zip
from lipbuild.saved.stored_weights import array_of, count_of, placed, weights_file


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, list[np.ndarray]]]:
    """The configuration of a saved model and the weights of each layer.

    Keras finds a layer's weights by the place of the layer among those of its class, not by its name; so does
    this, and the names stored beside them must agree.

    Args:
        path: a `.keras` file.

    Returns:
        The content of `config.json`; for each layer's path, `outer/inner` within nested models, its weights in order.

    Raises:
        UnusableError: If the file cannot be read.
        RefusedError: If it is not what Keras would write, or Keras would make something else of it.
    """
    parts = read_keras_zip(path)
    if "layers" not in parts.config["config"]:
        return parts.config, {}
    with weights_file(parts.weights) as file:
        return parts.config, _weights(file, parts.config["config"])


def _weights(file: Any, model: dict[str, Any]) -> dict[str, list[np.ndarray]]:
    result: dict[str, list[np.ndarray]] = {}
    _take(file, model, "", result)
    # What an optimizer remembers is stored beside the layers and no part of the function.
    stored = count_of(file) - (count_of(file["optimizer"]) if "optimizer" in file else 0)
    taken = sum(map(len, result.values()))
    if stored != taken:
        raise RefusedError(f"{stored} weights are stored and {taken} belong to a layer")
    return result


def _take(group: Any, model: dict[str, Any], path: str, result: dict[str, list[np.ndarray]]) -> None:
    """Take the weights of a model's layers from its group, and those of the models within it."""
    for layer, place in placed(model, group):
        name = f"{path}{layer['config']['name']}"
        if name in result:
            raise RefusedError(f"two layers are named `{name}`")
        result[name] = []
        if place is None:
            continue
        if is_plain_model(layer):
            _take(place, layer["config"], f"{name}/", result)
            continue
        if (
            "vars" in place
            and place["vars"].attrs.get("name", layer["config"]["name"]) != layer["config"]["name"]
        ):
            raise RefusedError(f"the weights of `{name}` are stored under another name")
        # A recurrent layer keeps its weights in its cell.
        for part in (place.get("vars"), place.get("cell/vars")):
            result[name] += [array_of(part[str(i)]) for i in range(len(part or ()))]
        if count_of(place) != len(result[name]):
            raise RefusedError(
                f"`{name}` is a `{layer['class_name']}` of layers with weights of their own, which is not known",
                "`lipbuild audit` says what is known about each layer",
            )
