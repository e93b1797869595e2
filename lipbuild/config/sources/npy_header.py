"""What the header of a NumPy array says. NumPy itself is not loaded for it."""

from __future__ import annotations

import ast
from typing import IO, NamedTuple

_MAGIC = b"\x93NUMPY"
_LONGEST = 10_000


class ArrayHeader(NamedTuple):
    """An array before it is read.

    Attributes:
        shape: Its shape.
        kind: NumPy's letter for its type: `i`, `u`, `f`, `b`, `U`, `S`, `O`, …
        is_byte: Whether each value is a byte without a sign.
    """

    shape: tuple[int, ...]
    kind: str
    is_byte: bool = False


def npy_header(file: IO[bytes]) -> ArrayHeader | None:
    """The header of a `.npy` file; None where it is none."""
    try:
        prefix = file.read(8)
        if prefix[:6] != _MAGIC:
            return None
        length = int.from_bytes(file.read(2 if prefix[6] == 1 else 4), "little")
        header = ast.literal_eval(file.read(min(length, _LONGEST)).decode("latin1"))
    except (OSError, ValueError, SyntaxError, IndexError):
        return None
    if not isinstance(header, dict):
        return None
    shape, kind = header.get("shape"), header.get("descr")
    if not isinstance(shape, tuple) or not all(isinstance(size, int) for size in shape):
        return None
    letters = kind.lstrip("<>|=") if isinstance(kind, str) else "V"
    return ArrayHeader(shape, letters[:1], letters == "u1")
