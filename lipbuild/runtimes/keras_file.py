"""`.keras` files in Keras."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from lipbuild.errors import RefusedError
from lipbuild.reading.json_file import json_object
from lipbuild.runtimes.compiled import compiled_model
from lipbuild.runtimes.runtime import Predict
from lipbuild.saved.load_model import load_model

ENTRY = "lipbuild.json"
# What is packed small may be large.
_LARGEST = 2**26


def metadata(path: Path) -> dict[str, Any]:
    """The entry `lipbuild.json` of the archive."""
    with zipfile.ZipFile(path) as archive, archive.open(ENTRY) as entry:
        content = entry.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise RefusedError(f"{path}: its entry {ENTRY} is larger than {_LARGEST} bytes")
    return json_object(content, path, "export it again")


def load(path: Path) -> Predict:
    """The model, loaded in safe mode."""
    return compiled_model(load_model(path), list(metadata(path)["outputs"]))
