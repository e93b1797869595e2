"""A proved Lipschitz constant of average pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import per_axis
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.gram import singular_values
from lipbuild.certifying.bounds.room import ROUNDED, room_of_matrix
from lipbuild.certifying.bounds.rounding import (
    UNIT_ROUNDOFF,
    div_down,
    div_up,
    mul_down,
    mul_up,
    sqrt_down,
    sqrt_up,
)
from lipbuild.certifying.bounds.witness import matrix_gain_down

# The matrix of an axis longer than this is not formed: the bound for any length is as good there.
_LONGEST = 1024


def average_pooling(
    pool_size: Sequence[int],
    input_shape: Sequence[int] | None,
    *,
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
) -> Bound:
    """Bound average pooling, whose matrix is a Kronecker product of one matrix for each axis.

    An axis without overlap has the norm 1/√c, c the least number of inputs in a window. Otherwise the matrix
    of the axis is bounded as it stands, or where it is not known by (1/k) √(Σ_{ρ<s} ⌈(k − ρ)/s⌉²).
    TensorFlow's `same` leaves the padding out of the divisor, so that a window at the border has larger
    weights.

    Args:
        pool_size: One size for each axis.
        input_shape: The spatial lengths, or None where they are not known.
        strides: One for each axis or one for all; the pool size where left out.
        padding: `valid` or `same`.

    Returns:
        The bound.

    Raises:
        ValueError: If sizes and shapes do not fit together.
    """
    dimensions = len(pool_size)
    steps = per_axis(pool_size if strides is None else strides, dimensions)
    lengths = [None] * dimensions if input_shape is None else per_axis(input_shape, dimensions)
    upper, lower = 1.0, 1.0
    norms = []
    for size, stride, length in zip(pool_size, steps, lengths, strict=True):
        low, high = _axis(Axis(size, stride, 1, padding, length))
        upper, lower = mul_up(upper, high), mul_down(lower, low)
        norms.append(high)
    if all(stride >= size for size, stride in zip(pool_size, steps, strict=True)):
        return Bound(upper, lower, "closed form", "exact")
    room = max((room_of_matrix(length or 1, length or 1) for length in lengths), default=ROUNDED)
    raised = [mul_up(norm, 1.0 + room) for norm in norms]
    return Bound(
        upper, lower, "axes", hint={"axes": [norm.hex() for norm in raised]}, room=len(norms) * room * 1.01
    )


def _axis(axis: Axis) -> tuple[float, float]:
    if axis.length is None or (axis.length > _LONGEST and axis.padding == "valid"):
        if axis.padding == "valid":
            return _any_length(axis)
        # Rows sum to 1 and ⌈k/s⌉ windows share an input, whatever their divisors: √(‖T‖_∞ ‖T‖₁).
        return 0.0, sqrt_up(float(-(-axis.size // axis.stride)))
    counts = _window_counts(axis)
    if axis.stride >= axis.size:
        # Disjoint windows: rows are orthogonal, and the norm of a row is 1/√count.
        least = float(counts.min())
        return sqrt_down(div_down(1.0, least)), sqrt_up(div_up(1.0, least))
    matrix: Array = np.zeros((axis.outputs, axis.length))
    for j, count in enumerate(counts.tolist()):
        start = j * axis.stride - axis.left
        matrix[j, max(start, 0) : start + axis.size] = 1.0 / count
    values = singular_values(matrix[None])
    # Each quotient is rounded, by a factor of at most 1 ± u of a non-negative matrix.
    return mul_down(matrix_gain_down(matrix, values.vector), 1.0 - 2.0 * UNIT_ROUNDOFF), mul_up(
        values.upper, 1.0 + 2.0 * UNIT_ROUNDOFF
    )


def _any_length(axis: Axis) -> tuple[float, float]:
    squares = sum((-(-(axis.size - r) // axis.stride)) ** 2 for r in range(min(axis.stride, axis.size)))
    upper = div_up(sqrt_up(float(squares)), float(axis.size))
    # The witness is a single window: 1/√k.
    return min(sqrt_down(div_down(1.0, float(axis.size))), upper), upper


def _window_counts(axis: Axis) -> np.ndarray:
    starts = np.arange(axis.outputs) * axis.stride - axis.left
    return np.minimum(starts + axis.size, axis.length or 0) - np.maximum(starts, 0)
