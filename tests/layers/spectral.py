"""Independent measures of kernels and layers, in float64 and by numpy alone."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def singular_values(kernel: Any) -> np.ndarray:
    """Singular values of the reshaped kernel."""
    matrix = np.asarray(keras.ops.convert_to_numpy(kernel), dtype=np.float64)
    return np.linalg.svd(matrix.reshape(-1, matrix.shape[-1]), compute_uv=False)


def norm(kernel: Any) -> float:
    return float(singular_values(kernel).max())


def operator_matrix(layer: Any, input_shape: tuple[int, ...]) -> np.ndarray:
    """The matrix of a layer that is affine, rows being outputs: its values on unit vectors less that on zero."""
    size = int(np.prod(input_shape))
    basis = np.concatenate([np.zeros((1, size)), np.eye(size)]).astype("float32")
    values = keras.ops.convert_to_numpy(layer(basis.reshape(-1, *input_shape)))
    values = np.asarray(values, dtype=np.float64).reshape(size + 1, -1)
    return (values[1:] - values[0]).T


def operator_norm(layer: Any, input_shape: tuple[int, ...]) -> float:
    return float(np.linalg.svd(operator_matrix(layer, input_shape), compute_uv=False).max())
