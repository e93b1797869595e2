from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.reading.file import open_file

# What makes an array of a pickle again, by the names of old and of new NumPy.
_RECONSTRUCT = np.empty(0).__reduce__()[0]
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What a name of the pickle stands for.

        Raises:
            ValueError: It is not part of an array.
        """
        found = _ALLOWED.get((module, name))
        if found is None:
            raise ValueError(f"it asks for `{module}.{name}`, and only arrays are read from a pickle")
        return found


def load_array_pickle(path: Path) -> dict[str, Any]:
    """A pickled dictionary of arrays, lists and plain values. Nothing else is ever made: no code of it runs.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not such a pickle.
    """
    with open_file(path) as file:
        try:
            content = _ArraysOnly(file, encoding="bytes").load()
        # What a damaged pickle makes of the unpickler is of any kind.
        except Exception as error:
            raise ValueError(f"{path.name}: {str(error) or error!r}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} holds no dictionary")
    return {key.decode() if isinstance(key, bytes) else str(key): value for key, value in content.items()}
