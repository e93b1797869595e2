"""A `.h5` file of Keras 2 or 3, without Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.strict_json import strict_json
from lipbuild.saved.hdf5 import opened
from lipbuild.saved.keras_zip import check_identities
from lipbuild.saved.saved import Saved
from lipbuild.saved.structure import check_structure

# Where deel-lip keeps the kernel that it applies.
_BY_NAME = frozenset({"wbar"})


def read_h5_file(path: Path) -> Saved:
    """A `.h5` file as it is: its configuration may be of Keras 2, and weights have the numbers of their order.

    Keras takes the weights of the n-th group for the n-th layer that has some, whatever they are called; here their
    names have to say the same.

    Raises:
        UnusableError: It cannot be read.
        RefusedError: It is not what Keras would write, or would be another model to Keras.
    """
    with path.open("rb") as source, opened(source, path.name) as file:
        if "model_config" not in file.attrs:
            raise UnusableError(f"{path.name} holds no model", "save the whole model with `model.save`")
        config = strict_json(_text(file.attrs["model_config"]).encode(), f"`model_config` in {path.name}")
        check_structure(config, path.name)
        check_identities(config)
        return Saved(config, dict(_weights(file["model_weights"], config)))


def _weights(groups: Any, model: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    layers = {layer["config"]["name"]: layer for layer in model["config"].get("layers", [])}
    stored = {name: _names(groups[name], "weight_names") for name in _names(groups, "layer_names")}
    stored = {name: weights for name, weights in stored.items() if weights}
    if list(stored) != [name for name in layers if name in stored]:
        raise RefusedError(
            f"the weights of {sorted(stored)} are stored in another order than that of the layers"
        )
    for name, weights in stored.items():
        found: dict[str, dict[str, np.ndarray]] = {}
        for full in weights:
            *parents, variable = full.split(":")[0].split("/")
            own = found.setdefault(_owner(layers[name], name, parents), {})
            own[variable if variable in _BY_NAME else str(len(own))] = np.asarray(groups[name][full])
        yield from found.items()


def _owner(layer: Mapping[str, Any], path: str, parents: list[str]) -> str:
    """The layer that a weight belongs to, `outer/inner` within nested models."""
    inner = layer["config"].get("layers")
    if inner is None:
        return path
    leaves = dict(_leaves(inner, path))
    for parent in reversed(parents):
        if parent in leaves:
            return leaves[parent]
    raise RefusedError(f"the weights of `{path}` name no layer of it")


def _leaves(layers: Any, path: str) -> Iterator[tuple[str, str]]:
    for layer in layers:
        name = layer["config"]["name"]
        if "layers" in layer["config"]:
            yield from _leaves(layer["config"]["layers"], f"{path}/{name}")
        else:
            yield name, f"{path}/{name}"


def _names(group: Any, key: str) -> list[str]:
    """A list of names, which Keras writes in several attributes where it is long."""
    if key in group.attrs:
        parts = [group.attrs[key]]
    else:
        parts, number = [], 0
        while f"{key}{number}" in group.attrs:
            parts.append(group.attrs[f"{key}{number}"])
            number += 1
    names = [_text(name) for part in parts for name in np.asarray(part).ravel().tolist()]
    if len(set(names)) < len(names):
        raise RefusedError(f"`{key}` holds a name twice")
    wrong = [name for name in names if not name.isprintable() or name.startswith("/")]
    if wrong:
        raise RefusedError(f"`{key}` holds {wrong[0]!r:.80}, which is not the name of a weight")
    return names


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise RefusedError(f"a text is needed where {value!r:.80} is")
    # What is not UTF-8 in the file does not come back out of it.
    value.encode()
    return value
