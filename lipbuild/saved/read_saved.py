from __future__ import annotations

from pathlib import Path

from lipbuild.errors import UnusableError
from lipbuild.reading.file import check_file
from lipbuild.saved.h5_file import read_h5_file
from lipbuild.saved.keras_file import read_keras_file
from lipbuild.saved.saved import Saved

H5 = frozenset({".h5", ".hdf5"})


def read_saved(path: Path) -> Saved:
    """A saved Keras model as it is in its file, which is read without Keras.

    Args:
        path: A `.keras` file, or one with the suffix `.h5` or `.hdf5`, whose configuration may be of Keras 2.

    Raises:
        UnusableError: There is no such model, or it cannot be read.
        RefusedError: It is not what Keras would write, or is written as Python code.
    """
    if path.is_dir():
        raise UnusableError(
            f"{path}: a folder with a SavedModel holds a graph of TensorFlow's operations, no layers",
            "save the Keras model as a `.keras` file (`model.save('model.keras')`)",
        )
    if not path.exists():
        raise UnusableError(f"{path}: there is no such model")
    check_file(path)
    try:
        return read_h5_file(path) if path.suffix in H5 else read_keras_file(path)
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be read: {error.strerror or error}") from None
