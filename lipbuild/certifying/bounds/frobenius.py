from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.rounding import add_up, gamma, mul_up, sqrt_up


def frobenius_up(values: Array) -> float:
    """An upper bound of the Frobenius norm of a finite array of any magnitudes."""
    peak = float(np.max(np.abs(values), initial=0.0))
    if peak == 0.0:
        return 0.0
    scaled = values / peak
    total = mul_up(float(np.sum(scaled * scaled)), 1.0 + 2.0 * gamma(values.size + 16))
    # Entries that underflow when they are scaled are below 2^-1022 · peak each.
    return mul_up(peak, sqrt_up(add_up(total, values.size * 2.0**-1000)))
