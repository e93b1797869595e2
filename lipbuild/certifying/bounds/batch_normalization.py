"""A proved Lipschitz constant of batch normalisation at inference."""

from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.rounding import add_down, add_up, div_down, div_up, sqrt_down, sqrt_up


def batch_normalization(
    variance: np.ndarray, gamma: np.ndarray | None = None, epsilon: float = 1e-3
) -> Bound:
    """max|γ| / √(variance + ε): the constant of the map that batch normalisation is at inference.

    Args:
        variance: (channels,), the moving variance.
        gamma: (channels,), or None where the layer has no scale.
        epsilon: What the layer adds to the variance.

    Returns:
        The bound, exact but for three roundings.

    Raises:
        TypeError: If a type is not a floating one of at most 64 bits.
        ValueError: If shapes differ, or variance + ε is not positive.
    """
    variances = exact_float64(np.asarray(variance)).ravel()
    gammas = np.ones_like(variances) if gamma is None else np.abs(exact_float64(np.asarray(gamma))).ravel()
    if gammas.shape != variances.shape:
        raise ValueError(f"{gammas.size} scales for {variances.size} variances")
    upper, lower = 0.0, 0.0
    for v, g in zip(variances.tolist(), gammas.tolist(), strict=True):
        if not add_down(v, epsilon) > 0.0:
            raise ValueError(f"a variance of {v} with epsilon {epsilon}: no finite constant")
        upper = max(upper, div_up(g, sqrt_down(add_down(v, epsilon))))
        lower = max(lower, div_down(g, sqrt_up(add_up(v, epsilon))))
    return Bound(upper, lower, "closed form")
