"""Numbers of rows, for rows of any shape."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def squared_norms(rows: Array) -> Array:
    """‖row‖² of each row, (rows,)."""
    flat = rows.reshape(len(rows), math.prod(rows.shape[1:]))
    return np.asarray(np.einsum("ij,ij->i", flat, flat), np.float64)


def norms(rows: Array) -> Array:
    """‖row‖ of each row, (rows,)."""
    return np.sqrt(squared_norms(rows))


def broadcast(numbers: Array, rows: Array) -> Array:
    """One number a row in a shape that multiplies the rows."""
    return numbers.reshape(-1, *(1,) * (rows.ndim - 1))
