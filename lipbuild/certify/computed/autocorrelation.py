from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certify.bounds.balls import Balls


def absolute_autocorrelation(taps: Balls, sizes: Sequence[int]) -> Balls:
    """Σ_Δ |Σ_p K_pᵀ K_{p+Δ}|: the magnitudes of a convolution's Gram matrix, summed over all shifts.

    Args:
        taps: (taps, channels summed over, channels), in C order of their positions.
        sizes: the kernel's sizes; none for a matrix.

    Returns:
        (channels, channels).
    """
    positions = list(np.ndindex(*sizes))
    lags: dict[tuple[int, ...], Balls] = {}
    for i, p in enumerate(positions):
        for j, q in enumerate(positions):
            lag = tuple(b - a for a, b in zip(p, q, strict=True))
            # The two signs of a lag are transposes of each other.
            if lag < tuple(-n for n in lag):
                continue
            product = taps[i].transposed @ taps[j]
            lags[lag] = lags[lag] + product if lag in lags else product
    total: Balls | None = None
    for lag, gram in lags.items():
        magnitude = abs(gram)
        if any(lag):
            magnitude = magnitude + magnitude.transposed
        total = magnitude if total is None else total + magnitude
    assert total is not None
    return total
