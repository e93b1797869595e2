"""A bound of a convolution from its Gram matrix, for every input size: the test of Schur."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lipbuild.certify.bounds.arrays import exact_float64, scaled
from lipbuild.certify.bounds.rounding import UNDERFLOW, add_up, gamma, mul_up, scale_up, sqrt_up

_ITERATIONS = 200


def schur_bound(kernel: np.ndarray, *, of_outputs: bool) -> float:
    """Bound a convolution of stride 1, and so of any stride, dilation and zero padding.

    The Gram matrix of the convolution on the infinite lattice has at the frequency ω the entries
    Σ_Δ R_ij(Δ) e^{iωΔ} with R the kernel's autocorrelation, which A_ij = Σ_Δ |R_ij(Δ)| majorises. So its norm
    is at most ρ(A) <= max_i (A v)_i / v_i for every positive v; here one near A's Perron vector. Kernels that
    are rescaled by their absolute Gram matrix (Prach & Lampert 2022) have ρ(A) <= 1 by construction.

    Args:
        kernel: (kh, kw, inputs, outputs).
        of_outputs: whether channels i and j are outputs, or inputs.

    Returns:
        An upper bound of the norm; infinite where numbers overflow.

    Raises:
        ValueError: a weight is not finite.
    """
    values, exponent = scaled(exact_float64(kernel, ndim=4))
    taps = values.reshape(-1, *values.shape[2:])
    taps = taps if of_outputs else np.swapaxes(taps, 1, 2)
    gram = _absolute(taps, values.shape[:2], signed=True)
    magnitudes = _absolute(np.abs(taps), values.shape[:2], signed=False)
    # A product's rounding, and those of its summation over channels, tap pairs and shifts.
    error = gamma(taps.shape[0] * taps.shape[1] + 4 * taps.shape[0] + 8)
    above = (gram + 2.0 * error * magnitudes) * (1.0 + 8.0 * error) + 4.0 * taps.size * len(taps) * UNDERFLOW
    vector = _perron(above)
    with np.errstate(over="ignore", invalid="ignore"):
        ratio = float(np.max((above @ vector) / vector))
    if not math.isfinite(ratio):
        return math.inf
    # The last addend is above what underflows in the product, over the least entry of the vector.
    squared = add_up(mul_up(ratio, add_up(1.0, 4.0 * gamma(len(vector) + 4))), 2.0**-500)
    # What scaling flushed to zero changes the operator by at most the sum of the magnitudes.
    return scale_up(add_up(sqrt_up(squared), taps.size * UNDERFLOW), exponent)


def _absolute(taps: NDArray[np.float64], sizes: tuple[int, ...], *, signed: bool) -> NDArray[np.float64]:
    """Σ_Δ |Σ_p K_pᵀ K_{p+Δ}|, or without the absolute value for taps that have no sign."""
    if not signed:
        total = taps.sum(axis=0)
        return np.asarray(total.T @ total)
    positions = list(np.ndindex(*sizes))
    shifts: dict[tuple[int, ...], NDArray[np.float64]] = {}
    for p, first in zip(positions, taps, strict=True):
        for q, second in zip(positions, taps, strict=True):
            shift = tuple(b - a for a, b in zip(p, q, strict=True))
            product = first.T @ second
            shifts[shift] = shifts[shift] + product if shift in shifts else product
    return np.asarray(sum(np.abs(part) for part in shifts.values()))


def _perron(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
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
        vector = np.maximum(vector / vector.max(), 1e-100)
    return best
