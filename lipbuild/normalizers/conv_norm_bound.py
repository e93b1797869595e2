"""An upper bound of a convolution's norm, for every image size, that no convergence can spoil."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

from lipbuild.normalizers.retraction import kernel_dtype, norm_upper_bound

_DENSITY = 6
"""Grid points an axis, per tap after the first: the grid's maximum is then within cos(π / 12) of the supremum."""


def conv_norm_upper_bound(kernel: Any) -> Any:
    """An upper bound of `sup_ω ‖K̂(ω)‖`, the norm of the convolution on an unbounded image.

    With zero padding, cropping and strides the operator is a part of that one. For unit vectors u and v the
    function `Re(u* K̂(ω) v)` is, but for a phase, a trigonometric polynomial of degree (k - 1) / 2 along an axis of
    k taps, and such a polynomial of degree d stays above `cos(d δ)` times its maximum at a distance δ from it
    (M. Riesz 1914). So the largest norm on a grid of n points an axis, over `∏ cos(π (k - 1) / (2 n))`, bounds the
    supremum: here by at most 7 % more. Each norm on the grid is bounded as in `norm_upper_bound`.

    The gradient passes through the one frequency that decides.

    Args:
        kernel: Shape (kh, kw, cin, cout), of entries that do not overflow when squared and summed.

    Returns:
        The bound, a scalar.
    """
    kh, kw, cin, cout = kernel.shape
    points = [1 if k == 1 else _DENSITY * (k - 1) for k in (kh, kw)]
    taps = kh * kw
    cos, sin = (ops.cast(part, kernel_dtype(kernel)) for part in _waves((kh, kw), points))
    flat = ops.reshape(kernel, (taps, cin * cout))
    real, imaginary = (ops.reshape(ops.matmul(part, flat), (-1, cin, cout)) for part in (cos, sin))
    # The real form of a complex matrix has its norm.
    symbols = ops.concatenate(
        [ops.concatenate([real, -imaginary], axis=-1), ops.concatenate([imaginary, real], axis=-1)], axis=-2
    )
    bounds = ops.stop_gradient(norm_upper_bound(ops.stop_gradient(symbols)))
    largest = norm_upper_bound(ops.take(symbols, [ops.argmax(bounds[:, 0, 0])], axis=0))
    largest = ops.max(bounds) + ops.sum(largest - ops.stop_gradient(largest))
    density = math.prod(math.cos(math.pi * (k - 1) / (2 * n)) for k, n in zip((kh, kw), points, strict=True))
    # A symbol's rounding: its entries are sums of `taps` products with rounded waves.
    unit = 2.0**-53 if kernel_dtype(kernel) == "float64" else 2.0**-24
    frobenius = ops.sqrt(ops.maximum(ops.sum(ops.square(ops.stop_gradient(kernel))), 0.0))
    return largest / density + 2.0 * (taps + 2) * math.sqrt(taps) * unit * frobenius


def _waves(sizes: tuple[int, int], points: list[int]) -> tuple[Any, Any]:
    """`cos(ω·x)` and `sin(ω·x)` for all taps x and half the grid's frequencies ω: -ω has the conjugate symbol."""
    halves = [points[0], points[1] // 2 + 1] if points[1] > 1 else [points[0] // 2 + 1, 1]
    axes = [
        2.0 * np.pi * np.outer(np.arange(half), np.arange(size)) / n
        for half, size, n in zip(halves, sizes, points, strict=True)
    ]
    phases = axes[0][:, None, :, None] + axes[1][None, :, None, :]
    phases = phases.reshape(halves[0] * halves[1], sizes[0] * sizes[1])
    return np.cos(phases), np.sin(phases)
