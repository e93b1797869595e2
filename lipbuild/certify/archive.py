"""A `.keras` file without Keras."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError, UnusableError

_LARGEST_CONFIG = 2**26
_LARGEST_WEIGHTS = 2**34


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, list[np.ndarray]]]:
    """The configuration of a saved model and the weights of each layer.

    Keras finds a layer's weights by the place of the layer among those of its class, not by its name; so does
    this, and the names stored beside them must agree.

    Args:
        path: a `.keras` file.

    Returns:
        The content of `config.json`; for each layer's name its weights in order.

    Raises:
        UnusableError: if the file cannot be read.
        RefusedError: if it is not what Keras would write.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for name, limit in (("config.json", _LARGEST_CONFIG), ("model.weights.h5", _LARGEST_WEIGHTS)):
                if archive.getinfo(name).file_size > limit:
                    raise RefusedError(f"{name} in {path.name} has more than {limit} bytes")
            if len(archive.namelist()) != len(set(archive.namelist())):
                raise RefusedError(f"{path.name} holds two files of one name")
            config = json.loads(archive.read("config.json"))
            content = archive.read("model.weights.h5")
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError) as error:
        raise UnusableError(f"{path.name} is not a whole `.keras` file: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        raise RefusedError(f"{path.name} holds no model configuration")
    return config, _weights(content, config["config"].get("layers", []))


def _weights(content: bytes, layers: list[Any]) -> dict[str, list[np.ndarray]]:
    import h5py

    result: dict[str, list[np.ndarray]] = {}
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            _check_links(file, h5py)
            visited = 0
            for layer, place in places(layers):
                name = str(layer["config"]["name"])
                group = file.get(f"{place}/vars")
                if group is None:
                    result[name] = []
                    continue
                if name in result or group.attrs.get("name", name) != name:
                    raise RefusedError(f"the weights of `{name}` are stored under another name")
                # A recurrent layer keeps its weights in its cell.
                groups = [g for g in (group, group.parent.get("cell/vars")) if g is not None]
                result[name] = [np.asarray(g[str(i)]) for g in groups for i in range(len(g))]
                visited += len(result[name])
            total: list[str] = []
            file.visititems(lambda name, item: total.append(name) if isinstance(item, h5py.Dataset) else None)
            # What an optimizer remembers is stored beside the layers and no part of the function.
            stored = sum(not name.startswith("optimizer/") for name in total)
            if stored != visited:
                raise RefusedError(f"{stored} weights are stored and {visited} belong to a layer")
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise UnusableError(f"the weights cannot be read: {error}") from error
    return result


def places(layers: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each layer of a model with the name of the group that Keras stores it in, functions left out."""
    used: dict[str, int] = {}
    for layer in layers:
        if str(layer["module"]).startswith("keras.src.ops"):
            continue
        stem = snake_case(str(layer["class_name"]))
        count = used.get(stem, -1) + 1
        used[stem] = count
        yield layer, f"layers/{stem}" + (f"_{count}" if count else "")


def _check_links(group: Any, h5py: Any) -> None:
    """Refuse links, which may point to another file or twice to one weight."""
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise RefusedError(f"`{key}` among the weights is a link")
        if isinstance(group[key], h5py.Group):
            _check_links(group[key], h5py)
        elif group[key].is_virtual or group[key].external:
            raise RefusedError(f"`{key}` among the weights lies in another file")


def snake_case(name: str) -> str:
    """The name that Keras derives from a class."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
