"""Kernels of orthogonal convolutions, put together from orthogonal matrices."""

from __future__ import annotations

from typing import Any

from keras import ops


def compose(first: Any, second: Any) -> Any:
    """The kernel of the convolution `first`, then `second`: sizes add, less one.

    Args:
        first: shape (h₁, w₁, a, b).
        second: shape (h₂, w₂, b, c).

    Returns:
        Shape (h₁ + h₂ - 1, w₁ + w₂ - 1, a, c).
    """
    h, w, a, _ = first.shape
    h2, w2 = second.shape[:2]
    height, width = h + h2 - 1, w + w2 - 1
    total: Any = 0.0
    # Few taps: a sum of shifted products is one matrix product a tap.
    for i in range(h2):
        for j in range(w2):
            product = ops.matmul(first, second[i, j])
            total = total + ops.pad(product, ((i, height - h - i), (j, width - w - j), (0, 0), (0, 0)))
    return ops.reshape(total, (height, width, a, second.shape[-1]))


def projector_kernel(bases: Any, height: int, width: int) -> Any:
    """A convolution of size height x width by two-tap factors `[P, I - P]` along each axis (BCOP).

    A factor has the frequency response `P + e^{iω}(I - P)`, orthogonal for a projector P and of norm at most 1 for
    every P between 0 and I. So the norm is at most 1 for all bases of norm at most 1.

    Args:
        bases: matrices M of norm at most 1 with `P = M Mᵀ`, shape (height + width - 2, channels, rank).
        height: the kernel's height.
        width: the kernel's width.

    Returns:
        Shape (height, width, channels, channels).
    """
    channels = bases.shape[1]
    identity = ops.eye(channels, dtype=bases.dtype)
    kernel = ops.reshape(identity, (1, 1, channels, channels))
    axes = [0] * (height - 1) + [1] * (width - 1)
    # Both axes in turn, and every second factor the other way round, so that the kernel stays centred.
    order = sorted(range(len(axes)), key=lambda i: (i if axes[i] == 0 else i - (height - 1), axes[i]))
    for position, index in enumerate(order):
        p = ops.matmul(bases[index], ops.transpose(bases[index]))
        taps = [p, identity - p] if (position // 2) % 2 == 0 else [identity - p, p]
        kernel = compose(kernel, ops.stack([ops.stack(taps)], axis=1 - axes[index]))
    return kernel
