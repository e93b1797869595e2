from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.spec.sources.npz import Npz


def load_npz(spec: Npz, folder: Path, seed: int) -> RawData:
    """The arrays of a NumPy archive. Pickled objects are refused: reading one would run its code.

    Raises:
        UnusableError: The file is missing or no archive.
        RefusedError: It lacks the arrays, or they hold objects.
    """
    path = folder / spec.path
    try:
        archive = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise UnusableError(f"{path}: there is no such file", "`data.source.npz.path` names it") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableError(f"{path}: it cannot be read as a NumPy archive: {error}") from None
    if isinstance(archive, np.ndarray):
        archive_kind = "one array (.npy), and an archive (.npz) with features and labels is needed"
        raise UnusableError(f"{path}: this is {archive_kind}", "save both with `numpy.savez`")
    with archive:
        names = set(archive.files)
        if {spec.features, spec.labels} <= names:
            return RawData(_array(archive, spec.features, path), _array(archive, spec.labels, path))
        split = [f"{name}_{part}" for part in ("train", "test") for name in (spec.features, spec.labels)]
        if set(split) <= names:
            x_train, y_train, x_test, y_test = (_array(archive, name, path) for name in split)
            if x_train.shape[1:] != x_test.shape[1:] or y_train.shape[1:] != y_test.shape[1:]:
                raise RefusedError(f"{path}: the training and the test arrays have different shapes")
            return RawData(
                np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test]), test=len(x_test)
            )
    found = ", ".join(f"`{name}`" for name in sorted(names)) or "none"
    raise RefusedError(
        f"{path}: the archive has the arrays {found}, and `{spec.features}` and `{spec.labels}` are needed",
        f"name them with `features:` and `labels:`, or save `{'`, `'.join(split)}`",
    )


def _array(archive: np.lib.npyio.NpzFile, name: str, path: Path) -> NDArray[np.generic]:
    try:
        array: NDArray[np.generic] = archive[name]
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise RefusedError(
            f"{path}: the array `{name}` cannot be read: {error}",
            "save arrays of numbers or of text: Python objects are never loaded",
        ) from None
    if array.ndim == 0:
        raise RefusedError(f"{path}: `{name}` is a single value, and an array with samples first is needed")
    return array
