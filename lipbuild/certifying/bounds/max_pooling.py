"""A proved Lipschitz constant of max pooling and of L2-norm pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import per_axis
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.rounding import sqrt_down, sqrt_up


def max_pooling(
    pool_size: Sequence[int],
    input_shape: Sequence[int] | None,
    *,
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
) -> Bound:
    """Bound max pooling, and L2-norm pooling: √ of the number of windows that share an input.

    Both are 1-Lipschitz on a window, so ‖Δy‖² <= Σ_windows ‖Δx on the window‖² <= c ‖Δx‖², c the largest
    number of
    windows over one input: at most Π ⌈k/s⌉. The constant is reached where that input alone is larger than its
    neighbours. So it is 1 only if the stride is at least the pool size along each axis, or one window is all
    there is.

    Args:
        pool_size: One size for each axis.
        input_shape: The spatial lengths, or None where they are not known.
        strides: One for each axis or one for all; the pool size where left out.
        padding: `valid` or `same`.

    Returns:
        The bound, exact for max pooling but for the rounding of the root.

    Raises:
        ValueError: If sizes and shapes do not fit together.
    """
    dimensions = len(pool_size)
    steps = per_axis(pool_size if strides is None else strides, dimensions)
    lengths = [None] * dimensions if input_shape is None else per_axis(input_shape, dimensions)
    overlap = 1
    for size, stride, length in zip(pool_size, steps, lengths, strict=True):
        overlap *= _overlap(Axis(size, stride, 1, padding, length))
    return Bound(sqrt_up(float(overlap)), sqrt_down(float(overlap)), "closed form", "exact")


def _overlap(axis: Axis) -> int:
    if axis.length is None:
        return -(-axis.size // axis.stride)
    cover = np.zeros(axis.length, np.int64)
    for j in range(axis.outputs):
        start = j * axis.stride - axis.left
        cover[max(start, 0) : start + axis.size] += 1
    return int(cover.max())
