from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.balls import Balls, exponentials
from lipbuild.certify.computed.autocorrelation import absolute_autocorrelation
from lipbuild.certify.computed.safety import SAFETY


def residual_kernels(weight: np.ndarray, scales: np.ndarray) -> tuple[Balls, Balls]:
    """The kernels of `SLLDense` and `SLLConv2D`: W, and 2 s W diag(t) with t_i = 1/Σ_j |WᵀW|_ij q_j/q_i.

    W is the weight over its largest magnitude where that is above 1, and q_i = exp(max(θ_i − max θ, −20)).

    Args:
        weight: (…, inputs, hidden).
        scales: θ, (hidden,).

    Returns:
        The kernel into the hidden channels and the one back, of the weight's shape both.

    Raises:
        ValueError: if shapes do not fit, or a weight is not finite.
    """
    *sizes, inputs, hidden = weight.shape
    if scales.shape != (hidden,):
        raise ValueError(f"scales of shape {scales.shape} for {hidden} hidden channels")
    into = Balls.exact(weight)
    peak = float(np.max(np.abs(into.middle), initial=0.0))
    if peak > 1.0:
        into = into * Balls.exact(np.asarray(peak)).inverse()
    taps = into.moved(lambda part: part.reshape(-1, inputs, hidden))
    theta = exact_float64(scales)
    q = exponentials(theta, float(theta.max()), -20.0)
    sums = (absolute_autocorrelation(taps, sizes) @ q[:, None])[:, 0]
    empty = ~np.any(taps.middle != 0.0, axis=(0, 1))
    sums = Balls(np.where(empty, 1.0, sums.middle), np.where(empty, 0.0, sums.radius))
    # A channel that reads nothing writes nothing.
    factors = q * sums.inverse() * SAFETY * Balls.exact(np.asarray(2.0))
    return into, into * factors
