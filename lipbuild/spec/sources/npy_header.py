from __future__ import annotations

import ast
from typing import IO


def npy_shape(file: IO[bytes]) -> tuple[int, ...] | None:
    """The shape of an array from the header of its `.npy` file; None where it is none. NumPy is not loaded."""
    try:
        prefix = file.read(8)
        if prefix[:6] != b"\x93NUMPY":
            return None
        length = int.from_bytes(file.read(2 if prefix[6] == 1 else 4), "little")
        header = ast.literal_eval(file.read(min(length, 10_000)).decode("latin1"))
    except (OSError, ValueError, SyntaxError, IndexError):
        return None
    shape = header.get("shape") if isinstance(header, dict) else None
    return shape if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape) else None
