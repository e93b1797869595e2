from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.inputs.inputs import Inputs
from lipbuild.errors import RefusedError
from lipbuild.reading.arrays import Archive, open_archive
from lipbuild.reading.arrays import read_array as numpy_array


def read_array(path: Path, array: str | None = None) -> Inputs:
    """The inputs in a `.npy` file or a `.npz` archive.

    Args:
        path: The file.
        array: The array of an archive: `x`, `x_test` or the only one where left out.

    Raises:
        UnusableError: The file cannot be read.
        RefusedError: There is no such array, or it holds no numbers.
    """
    if path.suffix.lower() == ".npz":
        with open_archive(path) as archive:
            values = _chosen(path, archive, array)
    else:
        values = numpy_array(path)
    if values.dtype.kind not in "fiub" or values.ndim < 1:
        raise RefusedError(f"{path}: it holds {values.dtype} of shape {values.shape}, and inputs are numbers")
    return Inputs(tuple(str(row) for row in range(len(values))), values)


def _chosen(path: Path, archive: Archive, array: str | None) -> NDArray[np.generic]:
    names = archive.names
    wanted = [array] if array is not None else ["x", "x_test", *(names if len(names) == 1 else [])]
    for name in wanted:
        if name in names:
            return archive.array(name)
    raise RefusedError(
        f"{path}: the archive has no array {' or '.join(f'`{n}`' for n in wanted)}",
        f"name one of {', '.join(names)} with `--array`" if names else "it is empty",
    )
