"""`.keras` files in Keras."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from lipbuild.runtimes.compiled import compiled_model
from lipbuild.runtimes.runtime import Predict
from lipbuild.saved.load_model import load_model

ENTRY = "lipbuild.json"


def metadata(path: Path) -> dict[str, Any]:
    """The entry `lipbuild.json` of the archive."""
    with zipfile.ZipFile(path) as archive:
        found: dict[str, Any] = json.loads(archive.read(ENTRY))
    return found


def load(path: Path) -> Predict:
    """The model, loaded in safe mode."""
    return compiled_model(load_model(path), list(metadata(path)["outputs"]))
