"""The parts of a `.keras` file, as they are."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild.errors import RefusedError, UnusableError

# Values within values: more than any model has.
_DEEPEST = 100
_LARGEST = {"config.json": 2**26, "model.weights.h5": 2**34}


@dataclass(frozen=True)
class KerasZip:
    """What a `.keras` file holds.

    Attributes:
        config: The content of `config.json`.
        weights: `model.weights.h5`.
        members: The names of all that is in it.
    """

    config: dict[str, Any]
    weights: bytes
    members: frozenset[str]


def read_keras_zip(path: Path) -> KerasZip:
    """Take a `.keras` file apart.

    Raises:
        UnusableError: It cannot be read.
        RefusedError: It holds something twice, of which Keras and this might take different ones, or is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != len(set(names)):
                raise RefusedError(f"{path.name} holds two files of one name")
            for name, limit in _LARGEST.items():
                if archive.getinfo(name).file_size > limit:
                    raise RefusedError(f"{name} in {path.name} has more than {limit} bytes")
            config = json.loads(archive.read("config.json"), object_pairs_hook=_object)
            content = archive.read("model.weights.h5")
    except (
        OSError,
        KeyError,
        ValueError,
        EOFError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise UnusableError(f"{path.name} is not a whole `.keras` file: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        raise RefusedError(f"{path.name} holds no model configuration")
    _check_identities(config)
    return KerasZip(config, content, frozenset(names))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError(f"config.json names something twice in {sorted(members)}"[:200])
    return members


def _check_identities(config: dict[str, Any]) -> None:
    """Of two objects with one `shared_object_id` Keras makes the first only: they must be the same."""
    known: dict[str, list[Any]] = {}
    left: list[tuple[Any, int]] = [(config, 0)]
    while left:
        part, depth = left.pop()
        if depth > _DEEPEST:
            raise RefusedError(f"config.json is nested more than {_DEEPEST} deep")
        if isinstance(part, list):
            left.extend((item, depth + 1) for item in part)
        elif isinstance(part, dict):
            left.extend((item, depth + 1) for item in part.values())
            identity = part.get("shared_object_id")
            made = [part.get(key) for key in ("module", "class_name", "config", "registered_name")]
            if identity is not None and known.setdefault(repr(identity), made) != made:
                raise RefusedError(f"config.json has two objects with the identity {identity!r:.40}")
