"""A lower bound of a spectral norm, from a vector."""

from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.arrays import Array
from lipbuild.certify.bounds.rounding import (
    add_down,
    add_up,
    div_down,
    gamma,
    mul_down,
    mul_up,
    norm_up,
    sqrt_down,
    sub_down,
)


def gain_down(matrix: Array, vector: Array) -> float:
    """A float that the spectral norm reaches: ‖Wx‖ / ‖x‖, rounded down.

    The computed product ŷ is off by at most γ_n |W||x| in each entry, so ‖Wx‖ >= ‖ŷ‖ − γ_n ‖|W||x|‖. No entry
    exceeds the norm either, which is all there is to say where the vector is of no use.

    Args:
        matrix: (rows, columns), float64, magnitudes at most 1.
        vector: (columns,), of norm about 1; any vector gives a lower bound.

    Returns:
        A non-negative float.
    """
    largest_entry = float(np.max(np.abs(matrix), initial=0.0))
    rows, columns = matrix.shape
    if matrix.size == 0 or not np.isfinite(vector).all() or not np.any(vector):
        return largest_entry
    image = matrix @ vector
    magnitude = np.abs(matrix) @ np.abs(vector)
    # `magnitude` and its norm are themselves rounded: 1 + 2^-20 covers sums of up to 2^30 terms.
    product_error = mul_up(mul_up(gamma(columns), norm_up(magnitude.tolist())), 1.0 + 2.0**-20)
    underflow = rows * columns * 2.0**-1000
    image_norm = sub_down(_norm_down(image), add_up(product_error, underflow))
    return max(largest_entry, div_down(image_norm, norm_up(vector.tolist())), 0.0)


def _norm_down(values: Array) -> float:
    total = 0.0
    for value in values.tolist():
        total = add_down(total, mul_down(value, value))
    return sqrt_down(max(total, 0.0))
