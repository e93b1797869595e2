from __future__ import annotations

import math

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.rounding import UNDERFLOW, add_up, gamma, mul_up, sqrt_up, up


def frobenius_up(values: Array) -> float:
    """An upper bound of the Frobenius norm of a finite array of any magnitudes."""
    peak = float(np.max(np.abs(values), initial=0.0))
    if peak == 0.0:
        return 0.0
    scaled = values / peak
    total = mul_up(float(np.sum(scaled * scaled)), 1.0 + 2.0 * gamma(values.size + 16))
    # Entries that underflow when they are scaled are below 2^-1022 · peak each.
    return mul_up(peak, sqrt_up(add_up(total, values.size * 2.0**-1000)))


def norms_up(values: Array) -> Array:
    """Upper bounds of the L2 norms of samples, (samples, …)."""
    flat = values.reshape(len(values), math.prod(values.shape[1:]))
    # A sum of squares in any order is off by γ, and squares that underflow by 2^-1022 each.
    squares = np.einsum("ij,ij->i", flat, flat) * (1.0 + 4.0 * gamma(flat.shape[1] + 8))
    return up(np.sqrt(squares + flat.shape[1] * 2.0 * UNDERFLOW) * (1.0 + 2.0**-50))
