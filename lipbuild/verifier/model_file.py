"""What a `.keras` file holds: a configuration, and weights by the name of their layer."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from lipbuild.verifier.errors import OwnLayersError, RefusedError, UnreadableError
from lipbuild.verifier.strict_json import strict_json

Weights = dict[str, list[np.ndarray]]

# Module, class and registered name of the models that are read; a class of one's own may bear any of these names.
MODELS = {("keras.src.models.functional", "Functional", "Functional"), ("keras", "Sequential", None)}

# What an export says of itself, which Keras does not read, nor is it looked at here.
DESCRIPTION = "lipbuild.json"
_DEEPEST = 32
_LARGEST = {
    "config.json": 2**26,
    "metadata.json": 2**20,
    "model.weights.h5": 2**34,
    DESCRIPTION: 2**26,
}


def read_model(path: Path) -> tuple[dict[str, Any], Weights]:
    """The configuration and the weights.

    Args:
        path: a file that Keras 3 saved.

    Raises:
        UnreadableError: If it is no such file, or has classes of lipbuild.
        RefusedError: If it holds anything that neither Keras nor an export writes there.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names) or not set(names) <= set(_LARGEST):
                raise RefusedError("archive", f"holds the members {sorted(names)}")
            for info in archive.infolist():
                if info.file_size > _LARGEST[info.filename]:
                    raise RefusedError("archive", f"{info.filename} has {info.file_size} bytes")
            config = strict_json(archive.read("config.json"))
            content = archive.read("model.weights.h5")
    except RefusedError:
        raise
    except (
        OSError,
        KeyError,
        ValueError,
        EOFError,
        zipfile.BadZipFile,
        RecursionError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise UnreadableError(f"{path.name} is not a whole `.keras` file: {error}") from error
    own = _own_class(config)
    if own is not None:
        raise OwnLayersError(f"{path.name} has a `{own}`; a certificate is of layers of Keras alone")
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            return config, _weights(file, config, len(content))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise UnreadableError(f"the weights of {path.name} cannot be read: {error}") from error


def _own_class(config: Any) -> str | None:
    """A class of lipbuild in a configuration, if there is one."""
    left = [config]
    while left:
        part = left.pop()
        if isinstance(part, Mapping):
            if str(part.get("registered_name")).startswith("lipbuild>"):
                return str(part["registered_name"])
            left += part.values()
        elif isinstance(part, list):
            left += part
    return None


def read_described(path: Path) -> dict[str, Any] | None:
    """What a file says of itself beside what Keras reads; None where it says nothing.

    Raises:
        UnreadableError: If it is no archive, or says it in another way than as a JSON object.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if DESCRIPTION not in archive.namelist():
                return None
            if archive.getinfo(DESCRIPTION).file_size > _LARGEST[DESCRIPTION]:
                raise UnreadableError(f"{path.name}: its `{DESCRIPTION}` is too large")
            found = strict_json(archive.read(DESCRIPTION))
    except (
        *(OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, RecursionError),
        *(NotImplementedError, RuntimeError, zlib.error),
    ) as error:
        raise UnreadableError(f"{path.name}: its `{DESCRIPTION}` cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableError(f"{path.name}: its `{DESCRIPTION}` is no JSON object")
    return found


def _weights(file: h5py.File, config: dict[str, Any], size: int) -> Weights:
    """The weights by the paths of their layers."""
    found = _data_sets(file, "")
    # Keras compresses nothing: what is not there would be made up, in any size.
    if sum(item.nbytes for item in found.values()) > size:
        raise RefusedError("weights", "hold more numbers than their file has room for")
    weights: Weights = {}
    _take(file, found, config["config"]["layers"], "", "", weights)
    # What an optimizer remembers is no part of the function.
    left = [path for path in found if not path.startswith("/optimizer/")]
    if left:
        raise RefusedError("weights", f"{left[0]} belongs to no layer")
    return weights


def _take(
    file: h5py.File,
    found: dict[str, h5py.Dataset],
    layers: Sequence[Mapping[str, Any]],
    prefix: str,
    group: str,
    weights: Weights,
) -> None:
    """Keras stores the n-th layer of a class `Foo` under `layers/foo_n` of its model; functions have no weights."""
    counts: dict[str, int] = {}
    for layer in layers:
        if layer["module"].startswith("keras.src.ops"):
            continue
        stem, name = _snake_case(layer["class_name"]), layer["config"]["name"]
        number = counts.get(stem, 0)
        counts[stem] = number + 1
        place, path = f"{group}/layers/{stem}" + (f"_{number}" if number else ""), prefix + name
        if path in weights or file.get(f"{place}/vars", file).attrs.get("name", name) != name:
            raise RefusedError(path, "its name stands twice, or its weights are stored under another")
        weights[path] = []
        if (layer["module"], layer["class_name"], layer["registered_name"]) in MODELS:
            _take(file, found, layer["config"]["layers"], f"{path}/", place, weights)
            continue
        # A recurrent layer keeps its weights in its cell.
        own = [key for part in ("vars", "cell/vars") for key in _numbered(path, found, f"{place}/{part}")]
        weights[path] = [np.asarray(found.pop(key)) for key in own]


def _numbered(name: str, found: Mapping[str, h5py.Dataset], place: str) -> list[str]:
    """The paths of the arrays in a group, which are numbered from 0."""
    own = [path for path in found if path.rpartition("/")[0] == place]
    numbered = [f"{place}/{i}" for i in range(len(own))]
    if set(own) != set(numbered):
        raise RefusedError(name, "its weights are not stored one after the other")
    return numbered


def _data_sets(group: h5py.Group, path: str) -> dict[str, h5py.Dataset]:
    """Each array by its path; nothing may be a link or lie in another file."""
    found: dict[str, h5py.Dataset] = {}
    for key in group:
        here = f"{path}/{key}"
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise RefusedError("weights", f"{here} is a link")
        item = group[key]
        if isinstance(item, h5py.Group):
            if here.count("/") > _DEEPEST:
                raise RefusedError("weights", f"are nested more than {_DEEPEST} deep")
            found |= _data_sets(item, here)
        elif item.is_virtual or item.external:
            raise RefusedError("weights", f"{here} lies in another file")
        elif "dtype" in item.attrs:
            # Keras reads it in that type, whatever is stored.
            raise RefusedError("weights", f"{here} is to be read as {item.attrs['dtype']!r}")
        else:
            found[here] = item
    return found


def _snake_case(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
