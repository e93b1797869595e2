"""What stands in a NumPy archive, and the headers of its arrays."""

from __future__ import annotations

import zipfile
from pathlib import Path

from lipbuild.config.sources.npy_header import ArrayHeader, npy_header


def array_names(path: Path) -> tuple[str, ...] | None:
    """The names of an archive's arrays; None where it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(name.removesuffix(".npy") for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return None


def array_header(path: Path, array: str) -> ArrayHeader | None:
    """The header of an array; None where the file or the array is not there, or holds something else."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{array}.npy") as file:
            return npy_header(file)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
