"""Weights as float64 arrays, without a rounding."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import require_ieee

Array = NDArray[np.float64]


def exact_float64(weights: np.ndarray, ndim: int | None = None) -> Array:
    """The weights in float64, each one exactly.

    Args:
        weights: float16, bfloat16, float32 or float64, of any shape.
        ndim: The number of axes required, or None for any.

    Returns:
        A float64 array of the same shape, contiguous.

    Raises:
        TypeError: If the type is another one: integers and long doubles may not fit into float64.
        ValueError: If the number of axes is another one, or a weight is NaN or infinite.
    """
    require_ieee()
    array = np.asarray(weights)
    if array.dtype.name not in {"float16", "bfloat16", "float32", "float64"}:
        raise TypeError(
            f"weights of type {array.dtype.name}; a bound needs float16, bfloat16, float32 or float64"
        )
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"weights of shape {array.shape}; {ndim} axes are needed")
    result = np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)  # a number stays one
    if not np.isfinite(result).all():
        raise ValueError("a weight is NaN or infinite: no Lipschitz constant")
    return result


def scaled(weights: Array) -> tuple[Array, int]:
    """The weights times the power of two that brings the largest magnitude into [½, 1).

    Args:
        weights: Finite float64.

    Returns:
        The scaled array and the exponent e with weights = array · 2^e. Only a weight that is smaller than the
        largest by a factor beyond 2^-1021 is rounded, with an absolute error below 2^-1022 in the scaled
        array.
    """
    largest = float(np.max(np.abs(weights), initial=0.0))
    if largest == 0.0:
        return weights, 0
    exponent = math.frexp(largest)[1]
    return np.ldexp(weights, -exponent), exponent
