"""Arrays of numbers as they stand in C, written and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.exporting.c_code.arithmetic import DOUBLE, FLOAT32
from lipbuild.exporting.c_code.code import Code

_ROW = 8
_ARRAY = re.compile(r"^static const (float|double) (\w+)\[(\d+)\] = \{([^{}]*)\};$", re.MULTILINE)


def write_array(code: Code, name: str, values: NDArray[np.floating[Any]]) -> None:
    """A constant array, in float32 where that holds every number.

    Args:
        code: Where it is written.
        name: Its name.
        values: Its numbers.
    """
    arithmetic = FLOAT32 if FLOAT32.holds(values) else DOUBLE
    texts = [arithmetic.literal(float(value)) for value in np.asarray(values).reshape(-1)]
    code.line(f"static const {arithmetic.type} {name}[{len(texts)}] = {{")
    for start in range(0, len(texts), _ROW):
        code.line(f"    {', '.join(texts[start : start + _ROW])},")
    # A comma behind the last one is as well.
    code.line("};")


def bytes_of(values: NDArray[np.floating[Any]]) -> int:
    """How many bytes a constant array takes."""
    return int(values.size) * (4 if FLOAT32.holds(values) else 8)


def read_arrays(text: str) -> Mapping[str, NDArray[np.floating[Any]]]:
    """Every constant array of floating point in a C file, by its name.

    Args:
        text: The file's text.

    Raises:
        ValueError: An array has another number of values than it says, or a value is not a hexadecimal constant.
    """
    found: dict[str, NDArray[np.floating[Any]]] = {}
    for kind, name, size, body in _ARRAY.findall(text):
        tokens = [token for token in body.replace("\n", " ").split(",") if token.strip()]
        # `fromhex` would take a decimal number for a hexadecimal one.
        if len(tokens) != int(size) or not all("0x" in token for token in tokens):
            raise ValueError(f"the array `{name}` has {len(tokens)} values, and {size} are stated")
        dtype = np.float32 if kind == "float" else np.float64
        found[name] = np.array([float.fromhex(token.strip().rstrip("F")) for token in tokens], dtype)
    return found
