"""What stands in a NumPy archive, and the headers of its arrays."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

from lipbuild.reading.file import open_file
from lipbuild.reading.npy_header import ArrayHeader, npy_header

# What `zipfile` raises of a damaged archive.
ARCHIVE_ERRORS = (
    *(OSError, EOFError, KeyError, ValueError, RuntimeError, OverflowError, AttributeError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)


def array_names(path: Path) -> tuple[str, ...] | None:
    """The names of an archive's arrays; None where it cannot be read."""
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            return tuple(name.removesuffix(".npy") for name in archive.namelist())
    except ARCHIVE_ERRORS:
        return None


def array_header(path: Path, array: str) -> ArrayHeader | None:
    """The header of an array; None where the file or the array is not there, or holds something else."""
    try:
        with (
            open_file(path) as opened,
            zipfile.ZipFile(opened) as archive,
            archive.open(f"{array}.npy") as file,
        ):
            return npy_header(file)
    except ARCHIVE_ERRORS:
        return None
