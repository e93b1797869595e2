"""What the header of an array in a NumPy archive says. NumPy itself is not loaded for it."""

from __future__ import annotations

import ast
import zipfile
from pathlib import Path
from typing import NamedTuple

_MAGIC = b"\x93NUMPY"
_LONGEST = 10_000


class ArrayHeader(NamedTuple):
    """An array before it is read.

    Attributes:
        shape: Its shape.
        kind: NumPy's letter for its type: `i`, `u`, `f`, `b`, `U`, `S`, `O`, …
    """

    shape: tuple[int, ...]
    kind: str


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
            prefix = file.read(8)
            if prefix[:6] != _MAGIC:
                return None
            length = int.from_bytes(file.read(2 if prefix[6] == 1 else 4), "little")
            header = ast.literal_eval(file.read(min(length, _LONGEST)).decode("latin1"))
    except (OSError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile):
        return None
    if not isinstance(header, dict):
        return None
    shape, kind = header.get("shape"), header.get("descr")
    if not isinstance(shape, tuple) or not all(isinstance(size, int) for size in shape):
        return None
    return ArrayHeader(shape, kind.lstrip("<>|=")[:1] if isinstance(kind, str) else "V")
