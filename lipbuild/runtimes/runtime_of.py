from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, cast

from lipbuild.reading.c_program import is_program
from lipbuild.runtimes.runtime import Predict

# By the ending of a file; a folder has none.
_MODULES = {
    "": "saved_model",
    ".keras": "keras_file",
    ".npz": "weights",
    ".onnx": "onnx_runtime",
    ".tflite": "litert",
    ".c": "c_program",
}


class Runtime(Protocol):
    """What runs one kind of file."""

    def metadata(self, path: Path) -> dict[str, Any]:
        """What a file says of itself."""

    def load(self, path: Path) -> Predict:
        """A file as a function of samples, any number of them, to outputs by their names."""


def runtime_of(path: Path) -> Runtime | None:
    """What runs an exported file or folder, by its ending; None where nothing does."""
    module = _MODULES.get(_ending(path))
    return cast(Runtime, import_module(f"lipbuild.runtimes.{module}")) if module else None


def is_exported(path: Path) -> bool:
    """Whether a path is of the kinds that are exported: a file by its ending, or a folder with a SavedModel or C."""
    if is_program(path):
        return True
    return (
        (path / "saved_model.pb").is_file() if path.is_dir() else path.is_file() and path.suffix in _MODULES
    )


def needs_tensorflow(path: Path) -> bool:
    """Whether TensorFlow is part of what runs it; of a run folder it is."""
    ending = _ending(path)
    return ending not in (".onnx", ".c") and (ending != ".tflite" or find_spec("ai_edge_litert") is None)


def _ending(path: Path) -> str:
    if is_program(path):
        return ".c"
    return "" if path.is_dir() else path.suffix or "none"
