from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from lipbuild.certify.saved.keras_file import read_keras_file
from lipbuild.certify.saved.saved import Saved
from lipbuild.errors import UnusableError


def read_saved(path: Path) -> Saved:
    """A saved Keras model: a `.keras` file without Keras, a `.h5` file through it.

    Raises:
        UnusableError: There is no such model, or it cannot be read.
        RefusedError: It is a model that is written as Python code.
    """
    if not path.exists():
        raise UnusableError(f"{path}: there is no such model")
    if path.is_dir():
        raise UnusableError(
            f"{path}: a folder with a SavedModel holds a graph of TensorFlow's operations, no layers",
            "save the Keras model as a `.keras` file (`model.save('model.keras')`)",
        )
    if path.suffix in {".h5", ".hdf5"}:
        return _through_keras(path)
    return read_keras_file(path)


def _through_keras(path: Path) -> Saved:
    """An old HDF5 file, loaded and saved anew; code in it is not run."""
    import keras

    from lipbuild import layers as _registers_the_layers  # noqa: F401

    try:
        model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise UnusableError(
            f"{path}: Keras cannot load it: {reason}", "load it where it was made, and save it as `.keras`"
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.keras"
        model.save(copy)
        return read_keras_file(copy)
