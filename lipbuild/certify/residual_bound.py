"""A proved constant of the residual block x − B relu(Wᵀx + b), from W and B as they are applied."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.rounding import UNIT_ROUNDOFF, add_up, mul_up, sub_up

# Kernels with the hidden channels last, to a proved bound of their operator's norm.
Norm = Callable[[NDArray[np.float64]], float]


def residual_bound(into: np.ndarray, back: np.ndarray, norm: Norm, rough_norm: Norm) -> float:
    """Bound the constant of x ↦ x − B relu(Wᵀx + b) for a B that is W diag(r²) up to rounding.

    The derivative is I − B S Wᵀ with a diagonal S between 0 and I. With B = W R² + E it is

        (I − W R S R Wᵀ) − (E R⁻¹) S (R Wᵀ),

    whose first part is symmetric with eigenvalues between 1 − ‖W R‖² and 1. So the constant is at most
    max(1, ‖W R‖² − 1) + ‖E R⁻¹‖ ‖W R‖, for every positive diagonal R (Araujo et al. 2023 with E = 0). R is
    taken from the quotients of the two kernels' columns.

    Args:
        into: W, its last axis the hidden channels.
        back: B in the same layout.
        norm: bounds the operator of a kernel in that layout, tightly.
        rough_norm: bounds it, for the small E.

    Returns:
        The bound; infinite where B is nothing like W diag(r²).

    Raises:
        ValueError: a weight is not finite.
    """
    w, b = exact_float64(into), exact_float64(back)
    axes = tuple(range(w.ndim - 1))
    # A hidden channel that reads nothing is a constant.
    reads = np.any(w != 0.0, axis=axes)
    w, b = w[..., reads], b[..., reads]
    if w.size == 0:
        return 1.0
    with np.errstate(all="ignore"):
        squares = np.sum(b * w, axis=axes) / np.sum(w * w, axis=axes)
        # A channel that writes nothing: any R does, and a small one adds little.
        roots = np.where(np.any(b != 0.0, axis=axes), np.sqrt(squares), 2.0**-100)
        scaled = w * roots
        rest = (b - w * (roots * roots)) / roots
    if not (np.isfinite(scaled).all() and np.isfinite(rest).all() and (roots > 0.0).all()):
        return math.inf
    # One rounding of each entry of W R, and four of those of E R⁻¹, two of them relative to W R.
    # (A sum of squares in float64 is right to far more than a millionth, but for what underflows.)
    size = 1.000001 * float(np.linalg.norm(scaled))
    error = 1.000001 * float(np.linalg.norm(rest))
    # The operator of a kernel of Frobenius norm ε has at most the norm ε · (number of taps).
    taps = float(math.prod(w.shape[:-2]))
    slack = mul_up(taps, mul_up(8.0 * UNIT_ROUNDOFF, add_up(add_up(size, error), 2.0**-500)))
    through = add_up(norm(scaled), slack)
    wrong = add_up(rough_norm(rest), slack)
    straight = max(1.0, sub_up(mul_up(through, through), 1.0))
    return add_up(straight, mul_up(wrong, through))
