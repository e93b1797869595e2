"""Lower bounds of the gain of a linear map, from one vector and its image."""

from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.rounding import (
    add_up,
    div_down,
    gamma,
    mul_down,
    mul_up,
    sqrt_down,
    sqrt_up,
    sub_down,
)


def matrix_gain_down(matrix: Array, vector: Array) -> float:
    """A float that the spectral norm reaches: ‖Wx‖ / ‖x‖ rounded down, or the largest entry.

    Args:
        matrix: (rows, columns), float64, magnitudes at most 2^400.
        vector: (columns,); any vector gives a lower bound.

    Returns:
        A non-negative float.
    """
    largest_entry = float(np.max(np.abs(matrix), initial=0.0))
    if matrix.size == 0 or not np.isfinite(vector).all() or not np.any(vector):
        return largest_entry
    peak = float(np.max(np.abs(vector)))
    vector = vector / peak  # any vector will do, so this rounding does not matter
    gain = gain_down(matrix @ vector, np.abs(matrix) @ np.abs(vector), vector, roundings=matrix.shape[1])
    return max(largest_entry, gain)


def gain_down(image: Array, magnitude: Array, vector: Array, roundings: int) -> float:
    """‖Wx‖ / ‖x‖ rounded down, from computed products.

    The computed image ŷ is off by at most γ_n |W||x| in each entry, so ‖Wx‖ >= ‖ŷ‖ − γ_n ‖|W||x|‖.

    Args:
        image: fl(Wx).
        magnitude: fl(|W||x|).
        vector: x, of largest magnitude about 1.
        roundings: The number of products in an entry of the image.

    Returns:
        A non-negative float.
    """
    # `magnitude` is itself short by a factor of at most 1 + γ_n; underflow takes 2^-1022 from each product.
    product_error = mul_up(
        mul_up(gamma(roundings), euclidean_up(magnitude)), 1.0 + 2.0 * gamma(roundings + 8)
    )
    underflow = float(roundings * image.size) * 2.0**-1000
    numerator = sub_down(euclidean_down(image), add_up(product_error, underflow))
    denominator = euclidean_up(vector)
    return max(div_down(numerator, denominator), 0.0) if denominator > 0.0 else 0.0


def euclidean_up(values: Array) -> float:
    """A float >= the Euclidean norm of an array with magnitudes at most 2^500."""
    total = float(np.sum(values * values))
    # A square that underflows loses less than 2^-1022.
    return sqrt_up(add_up(mul_up(total, 1.0 + 2.0 * gamma(values.size + 8)), values.size * 2.0**-1022))


def euclidean_down(values: Array) -> float:
    """A non-negative float <= the Euclidean norm of an array with magnitudes at most 2^500."""
    total = float(np.sum(values * values))
    # Underflow rounds a square up by at most 2^-1022.
    reduced = sub_down(mul_down(total, 1.0 - 2.0 * gamma(values.size + 8)), values.size * 2.0**-1022)
    return sqrt_down(max(reduced, 0.0))
