from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.balls import Balls
from lipbuild.certify.computed.autocorrelation import absolute_autocorrelation
from lipbuild.certify.computed.safety import SAFETY


def rescaled_kernel(weight: np.ndarray) -> Balls:
    """The kernel of `AOLDense` and `AOLConv2D`: channels scaled by s (Σ |autocorrelation|)^(−1/2).

    Args:
        weight: (…, inputs, outputs); the side with fewer channels is scaled, the outputs where both are alike.

    Returns:
        The scaled kernel; it does not change where the weight is multiplied by a number.

    Raises:
        ValueError: if a weight is not finite.
    """
    *sizes, inputs, outputs = weight.shape
    # A matrix has its own rule for equal sides, which is the same.
    of_outputs = outputs <= inputs
    balls = Balls.exact(weight)
    peak = float(np.max(np.abs(balls.middle), initial=0.0))
    if peak == 0.0:
        return balls
    # Magnitudes near 1, so that no product underflows that counts.
    balls = balls.moved(lambda part: np.ldexp(part, -int(np.frexp(peak)[1])))
    taps = balls.moved(lambda part: part.reshape(-1, inputs, outputs))
    taps = taps if of_outputs else taps.moved(lambda part: np.swapaxes(part, 1, 2))
    sums = absolute_autocorrelation(taps, sizes).summed(1)
    # A channel of zeros stays one, whatever its scale.
    empty = ~np.any(taps.middle != 0.0, axis=(0, 1))
    sums = Balls(np.where(empty, 1.0, sums.middle), np.where(empty, 0.0, sums.radius))
    scales = SAFETY * sums.root().inverse()
    return balls * (scales if of_outputs else scales[:, None])
