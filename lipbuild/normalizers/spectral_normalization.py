"""Division of a matrix by an estimate of its norm, as a function."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.normalizers.defaults import DEFAULT_EPS_SPECTRAL, DEFAULT_MAXITER_SPECTRAL
from lipbuild.normalizers.power_iteration import power_iteration


def spectral_normalization(
    kernel: Any, u: Any, eps: float = DEFAULT_EPS_SPECTRAL, maxiter: int = DEFAULT_MAXITER_SPECTRAL
) -> tuple[Any, Any, Any]:
    """Divide a matrix by its largest singular value as power iteration sees it, plus eps.

    The estimate is from below, so this proves nothing by itself: lipbuild's layers do not use it.

    Args:
        kernel: A matrix, shape (rows, columns).
        u: A vector to start from, shape (1, columns), or None for a random one.
        eps: The iteration ends when a step moves u by less than this; added to the divisor.
        maxiter: Most steps.

    Returns:
        The matrix divided; the last u; the estimate, a scalar.
    """
    kernel = ops.convert_to_tensor(kernel)
    if u is None:
        u = keras.random.uniform((1, kernel.shape[-1]), dtype=kernel.dtype)
    u = power_iteration(
        lambda x: ops.matmul(x, ops.transpose(kernel)), lambda x: ops.matmul(x, kernel), u, eps, maxiter
    )
    sigma = ops.sqrt(ops.sum(ops.square(ops.matmul(u, ops.transpose(kernel)))))
    return kernel / (sigma + eps), u, sigma
