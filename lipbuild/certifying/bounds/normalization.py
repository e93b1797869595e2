"""A proved Lipschitz constant of standardisation by given statistics."""

from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.rounding import div_down, div_up, sqrt_down, sqrt_up

# keras.config.epsilon() in float32, below which Keras's Normalization does not let a standard deviation fall.
_EPSILON = float(np.float32(1e-7))


def normalization(variance: np.ndarray, *, invert: bool = False, epsilon: float = _EPSILON) -> Bound:
    """1 / min(std), or max(std) where inverted: the constant of Keras's `Normalization`.

    Args:
        variance: The variances, of any shape.
        invert: Whether the layer maps standardised values back.
        epsilon: The floor of a standard deviation.

    Returns:
        The bound, exact but for two roundings.

    Raises:
        TypeError: If the type is not a floating one of at most 64 bits.
        ValueError: If a variance is negative, NaN or infinite, or there is none.
    """
    variances = exact_float64(np.asarray(variance)).ravel()
    if variances.size == 0 or variances.min() < 0.0 or not epsilon > 0.0:
        raise ValueError("a standardisation needs variances that are not negative")
    least, most = float(variances.min()), float(variances.max())
    if invert:
        return Bound(max(sqrt_up(most), epsilon), max(sqrt_down(most), epsilon), "closed form")
    return Bound(
        div_up(1.0, max(sqrt_down(least), epsilon)),
        div_down(1.0, max(sqrt_up(least), epsilon)),
        "closed form",
    )
