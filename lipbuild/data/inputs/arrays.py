from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.inputs.inputs import Inputs
from lipbuild.errors import RefusedError, UnusableError


def read_array(path: Path, array: str | None = None) -> Inputs:
    """The inputs in a `.npy` file or a `.npz` archive.

    Args:
        path: The file.
        array: The array of an archive: `x`, `x_test` or the only one where left out.

    Raises:
        UnusableError: The file cannot be read, or holds pickled objects.
        RefusedError: There is no such array, or it holds no numbers.
    """
    try:
        loaded = np.load(path, allow_pickle=False)
        values = loaded if isinstance(loaded, np.ndarray) else _chosen(path, loaded, array)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnusableError(f"{path}: it cannot be read as a NumPy file: {error}") from None
    if values.dtype.kind not in "fiub" or values.ndim < 1:
        raise RefusedError(f"{path}: it holds {values.dtype} of shape {values.shape}, and inputs are numbers")
    return Inputs(tuple(str(row) for row in range(len(values))), values)


def _chosen(path: Path, archive: np.lib.npyio.NpzFile, array: str | None) -> NDArray[np.generic]:
    with archive:
        names = archive.files
        wanted = [array] if array is not None else ["x", "x_test", *(names if len(names) == 1 else [])]
        for name in wanted:
            if name in names:
                return np.asarray(archive[name])
    raise RefusedError(
        f"{path}: the archive has no array {' or '.join(f'`{n}`' for n in wanted)}",
        f"name one of {', '.join(names)} with `--array`" if names else "it is empty",
    )
