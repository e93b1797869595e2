"""Orthogonalisation of a reshaped kernel, as a function."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.normalizers.bjorck_normalization import bjorck_normalization
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
    check_normalizer_settings,
)
from lipbuild.normalizers.retraction import scale_down, squarings_for
from lipbuild.normalizers.spectral_normalization import spectral_normalization


def reshaped_kernel_orthogonalization(
    kernel: Any,
    u: Any,
    adjustment_coef: Any,
    eps_spectral: float = DEFAULT_EPS_SPECTRAL,
    eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
    beta: float | None = DEFAULT_BETA_BJORCK,
    maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
    maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
) -> tuple[Any, Any, Any]:
    """Orthogonalise a kernel as the matrix `(∏ leading axes, last axis)` and multiply it by a coefficient (RKO).

    Args:
        kernel: A kernel of any rank of at least 2.
        u: A vector to start power iteration from, shape (1, last axis), or None.
        adjustment_coef: What the result is multiplied by.
        eps_spectral: Tolerance of power iteration, or relative excess of the norm bound where eps_bjorck is
            None.
        eps_bjorck: Tolerance of the orthogonalisation; None only scales the norm down to 1.
        beta: Step of the orthogonalisation; None only scales.
        maxiter_spectral: Most steps of power iteration.
        maxiter_bjorck: Most steps of the orthogonalisation.

    Returns:
        The kernel, its reshaped norm at most adjustment_coef; the last u; the norm before, as power iteration
        sees it.

    Raises:
        ValueError: A setting is out of its range.
    """
    check_normalizer_settings(eps_spectral, eps_bjorck, beta, maxiter_spectral, maxiter_bjorck)
    kernel = ops.convert_to_tensor(kernel)
    w = ops.reshape(kernel, (-1, kernel.shape[-1]))
    _, u, sigma = spectral_normalization(w, u, eps=eps_spectral, maxiter=maxiter_spectral)
    if eps_bjorck is None or beta is None:
        w = scale_down(w, squarings_for(eps_spectral, maxiter_spectral, min(w.shape)))
    else:
        w = bjorck_normalization(w, eps=eps_bjorck, beta=beta, maxiter=maxiter_bjorck)
    return ops.reshape(w * adjustment_coef, kernel.shape), u, sigma
