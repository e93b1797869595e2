"""LiteRT (TensorFlow Lite) files in its interpreter: its own package where that is installed, or TensorFlow's."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.reading.json_file import json_object
from lipbuild.runtimes.quiet import quiet
from lipbuild.runtimes.runtime import Predict

ENTRY = "lipbuild"
SIGNATURE = "serving_default"


def metadata(path: Path) -> dict[str, Any]:
    """The entry `lipbuild` of the file's metadata; empty where there is none."""
    model = _module("schema_py_generated", "tensorflow.lite.python").Model.GetRootAs(path.read_bytes())
    for place in range(model.MetadataLength()):
        entry = model.Metadata(place)
        if entry.Name() == ENTRY.encode():
            content = model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
            return json_object(content, path, "export it anew")
    return {}


def load(path: Path) -> Predict:
    """Its signature in the interpreter, which takes all samples at once."""
    with quiet():
        interpreter = _module("interpreter", "tensorflow.lite.python").Interpreter(model_path=str(path))
        signature = interpreter.get_signature_runner(SIGNATURE)
        [(name, source)] = signature.get_input_details().items()
        # The first run says which delegate it has found.
        signature(**{name: np.zeros(source["shape"], np.float32)})
    return lambda inputs: {key: np.array(value) for key, value in signature(**{name: inputs}).items()}


def _module(name: str, other: str) -> Any:
    try:
        return import_module(f"ai_edge_litert.{name}")
    except ImportError:
        return import_module(f"{other}.{name}")
