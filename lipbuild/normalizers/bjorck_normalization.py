"""Orthogonalisation of one matrix, as a function."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.normalizers.defaults import DEFAULT_BETA_BJORCK, DEFAULT_EPS_BJORCK, DEFAULT_MAXITER_BJORCK
from lipbuild.normalizers.retraction import orthogonalize


def bjorck_normalization(
    w: Any,
    eps: float = DEFAULT_EPS_BJORCK,
    beta: float = DEFAULT_BETA_BJORCK,
    maxiter: int = DEFAULT_MAXITER_BJORCK,
) -> Any:
    """Bring the singular values of a matrix to 1: `W ← (1 + β) W - β W WᵀW`, then one cubic step.

    A matrix of any magnitude is taken, and the result's norm is at most 1 (deel-lip's asks for a norm of
    about 1).

    Args:
        w: A matrix, shape (rows, columns).
        eps: The steps end when one changes W by less than this in the Frobenius norm.
        beta: In (0, 0.5].
        maxiter: Most steps.

    Returns:
        The matrix, shape (rows, columns).

    Reference:
        Björck & Bowie, An iterative algorithm for computing the best estimate of an orthogonal matrix (1971).
    """
    return orthogonalize(ops.convert_to_tensor(w), eps, maxiter, beta)
