"""What the header of a NumPy array says. NumPy itself is not loaded for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import IO, NamedTuple

from lipbuild.reading.file import open_file

_MAGIC = b"\x93NUMPY"
_LONGEST = 10_000
# Numbers, text, and dates; `O` are Python objects, and everything else is a record.
_TYPE = re.compile(r"[<>|=]?(?:[biufcSUO][0-9]{0,9}|[mM]8(?:\[[0-9]*[a-zA-Z]+\])?)")


class ArrayHeader(NamedTuple):
    """An array before it is read.

    Attributes:
        shape: Its shape.
        kind: NumPy's letter for its type: `i`, `u`, `f`, `b`, `U`, `S`, `O`, …; `V` for records.
        dtype: The type as NumPy writes it, such as `<f4`; empty for records.
        in_columns: Whether the first index runs fastest.
        size: How many bytes the header has.
    """

    shape: tuple[int, ...]
    kind: str
    dtype: str
    in_columns: bool
    size: int


def read_npy_header(path: Path) -> ArrayHeader | None:
    """The header of a `.npy` file; None where there is none, or it cannot be read."""
    try:
        with open_file(path) as file:
            return npy_header(file)
    except OSError:
        return None


def npy_header(file: IO[bytes]) -> ArrayHeader | None:
    """The header of an array in a file that stands at its beginning; None if there is no array."""
    try:
        prefix = file.read(8)
        if prefix[:6] != _MAGIC or prefix[6] not in (1, 2, 3) or prefix[7] != 0:
            return None
        field = 2 if prefix[6] == 1 else 4
        length = int.from_bytes(file.read(field), "little")
        text = file.read(min(length, _LONGEST))
        if len(text) != length:
            return None
        header = ast.literal_eval(text.decode("utf-8" if prefix[6] == 3 else "latin1"))
    except (OSError, ValueError, SyntaxError, IndexError, TypeError, RecursionError, MemoryError):
        return None
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        return None
    shape, kind, in_columns = header["shape"], header["descr"], header["fortran_order"]
    if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
        return None
    if not isinstance(in_columns, bool) or not isinstance(kind, (str, list, tuple)):
        return None
    size = 8 + field + length
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        return ArrayHeader(shape, "V", "", in_columns, size)
    return ArrayHeader(shape, kind.lstrip("<>|=")[0], kind, in_columns, size)
