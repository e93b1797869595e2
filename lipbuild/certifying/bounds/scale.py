"""The Lipschitz constant of a scale and a shift."""

from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound


def scale(factors: np.ndarray | float) -> Bound:
    """max|factor|: the constant of x ↦ factor · x + shift, entry by entry, such as `Rescaling`.

    Args:
        factors: float16, bfloat16, float32 or float64, of any shape.

    Returns:
        The bound, which is exact.

    Raises:
        TypeError: If the type is another one.
        ValueError: If a factor is NaN or infinite.
    """
    largest = float(np.max(np.abs(exact_float64(np.asarray(factors))), initial=0.0))
    return Bound(largest, largest, "closed form", "exact")
