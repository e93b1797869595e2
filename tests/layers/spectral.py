"""Independent measures of kernels and layers, in float64 and by numpy alone."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def singular_values(kernel: Any, groups: int = 1) -> np.ndarray:
    """Singular values of the reshaped kernel, of each group of its last axis."""
    matrix = np.asarray(keras.ops.convert_to_numpy(kernel), dtype=np.float64)
    blocks = np.split(matrix.reshape(-1, matrix.shape[-1]), groups, axis=1)
    return np.concatenate([np.linalg.svd(block, compute_uv=False) for block in blocks])


def norm(kernel: Any, groups: int = 1) -> float:
    return float(singular_values(kernel, groups).max())


def operator_matrix(layer: Any, input_shape: tuple[int, ...]) -> np.ndarray:
    """The matrix of an affine layer: its values on unit vectors, less that on zero."""
    size = int(np.prod(input_shape))
    basis = np.concatenate([np.zeros((1, size)), np.eye(size)]).astype("float32")
    values = keras.ops.convert_to_numpy(layer(basis.reshape(-1, *input_shape)))
    values = np.asarray(values, dtype=np.float64).reshape(size + 1, -1)
    return (values[1:] - values[0]).T


def operator_norm(layer: Any, input_shape: tuple[int, ...]) -> float:
    return float(np.linalg.svd(operator_matrix(layer, input_shape), compute_uv=False).max())
