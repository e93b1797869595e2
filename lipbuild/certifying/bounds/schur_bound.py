"""A bound of a convolution from its Gram matrix, for every input size: the test of Schur."""

from __future__ import annotations

import math

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.lags import Lags
from lipbuild.certifying.bounds.rounding import UNDERFLOW, add_up, gamma, mul_up, scale_up, sqrt_up
from lipbuild.certifying.bounds.stencil import stencil_of

_ITERATIONS = 200


def schur_bound(kernel: np.ndarray, *, of_outputs: bool) -> float:
    """Bound a convolution of stride 1, and so of any stride, dilation and zero padding; see `schur_of_lags`.

    Args:
        kernel: (kh, kw, inputs, outputs).
        of_outputs: Whether the Gram matrix is that of the outputs, or of the inputs.

    Returns:
        An upper bound of the norm; infinite where numbers overflow.

    Raises:
        ValueError: a weight is not finite.
    """
    stencil = stencil_of(kernel, tuple(Axis(size) for size in np.shape(kernel)[:-2]), 1)
    norm = schur_of_lags(Lags.of(stencil, of_outputs=of_outputs))
    # What scaling flushed to zero changes the operator by at most the sum of the magnitudes.
    return scale_up(add_up(norm, stencil.taps.size * UNDERFLOW), stencil.exponent)


def schur_of_lags(lags: Lags) -> float:
    """Bound a convolution by σ² <= ρ(Σ_Δ |H_Δ|).

    At a frequency ω the Gram matrix on the infinite lattice is Σ_Δ H_Δ e^{iωΔ}, which A = Σ_Δ |H_Δ| majorises. So its
    norm is at most ρ(A) <= max_i (A v)_i / v_i for every positive v; here one near A's Perron vector. Kernels that
    are rescaled by their absolute Gram matrix (Prach & Lampert 2022) have ρ(A) <= 1 by construction.

    Args:
        lags: Of the scaled taps.

    Returns:
        An upper bound of the norm for the scaled taps, the maximum over the groups.
    """
    largest = 0.0
    for group, error in enumerate(lags.error):
        ratio = _gain_up(lags.magnitudes[group], 2 * lags.count + 4)
        largest = max(largest, sqrt_up(add_up(ratio, error)) if math.isfinite(ratio) else math.inf)
    return largest


def _gain_up(matrix: Array, roundings: int) -> float:
    """A bound of the norm of a symmetric matrix that is not negative and was summed with so many roundings."""
    vector = _perron(matrix)
    with np.errstate(over="ignore", invalid="ignore"):
        ratio = float(np.max((matrix @ vector) / vector))
    if not math.isfinite(ratio):
        return math.inf
    # The last addend is above what underflows in the product, over the least entry of the vector.
    slack = add_up(1.0, 4.0 * gamma(len(vector) + roundings + 4))
    return add_up(mul_up(ratio, slack), 2.0**-500)


def _perron(matrix: Array) -> Array:
    """A positive vector near the one with A v = ρ(A) v; any positive vector is sound."""
    vector = np.ones(len(matrix))
    best, least = vector, math.inf
    for _ in range(_ITERATIONS):
        with np.errstate(all="ignore"):
            product = matrix @ vector
            largest = float(np.max(product / vector))
        if not math.isfinite(largest):
            break
        if largest < least:
            best, least = vector, largest
        # The geometric mean with the last vector damps an oscillation between two halves.
        vector = np.sqrt(vector * product)
        peak = float(vector.max())
        if peak == 0.0:
            break
        vector = np.maximum(vector / peak, 1e-100)
    return best
