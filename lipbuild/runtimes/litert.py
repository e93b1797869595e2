"""LiteRT (TensorFlow Lite) files in its interpreter: its own package where that is installed, or TensorFlow's."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.reading.json_file import json_object
from lipbuild.runtimes.quiet import quiet
from lipbuild.runtimes.runtime import Outputs, Predict, in_batches

ENTRY = "lipbuild"
SIGNATURE = "serving_default"


def metadata(path: Path) -> dict[str, Any]:
    """The entry `lipbuild` of the file's metadata; empty where there is none."""
    model = _module("schema_py_generated", "tensorflow.lite.python").Model.GetRootAs(path.read_bytes())
    for place in range(model.MetadataLength()):
        entry = model.Metadata(place)
        if entry.Name() == ENTRY.encode():
            content = model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
            return json_object(content, path, "export it again")
    return {}


# The interpreter's own kernels beside those of XNNPACK, which it takes where it can.
KERNELS = {
    "LiteRT's built-in kernels": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "LiteRT's reference kernels": "BUILTIN_REF",
}


def load(path: Path, kernels: str = "AUTO") -> Predict:
    """Its signature in the interpreter, which takes all samples at once.

    Args:
        path: The file.
        kernels: Which kernels compute, as the interpreter's `OpResolverType` names them.
    """
    with quiet():
        module = _module("interpreter", "tensorflow.lite.python")
        resolver = module.OpResolverType[kernels]
        interpreter = module.Interpreter(model_path=str(path), experimental_op_resolver_type=resolver)
        signature = interpreter.get_signature_runner(SIGNATURE)
        [(name, source)] = signature.get_input_details().items()
        # The first run says which delegate it has found.
        signature(**{name: np.zeros(source["shape"], np.float32)})

    def one(batch: NDArray[np.float32]) -> Outputs:
        return {key: np.array(value) for key, value in signature(**{name: batch}).items()}

    return lambda inputs: one(inputs) if len(inputs) else in_batches(one, inputs)


def _module(name: str, other: str) -> Any:
    try:
        return import_module(f"ai_edge_litert.{name}")
    except ImportError:
        return import_module(f"{other}.{name}")
