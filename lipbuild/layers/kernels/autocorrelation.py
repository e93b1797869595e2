"""Autocorrelation of a convolution's kernel: the entries of its Gram matrix."""

from __future__ import annotations

from typing import Any

from keras import ops


def autocorrelation(kernel: Any, of_outputs: bool) -> Any:
    """`Σ K[q, c, o] K[q + Δ, c', o]` for all shifts Δ: the Gram matrix of the convolution on an unbounded image.

    With zero padding, cropping and strides the operator is a part of that on an unbounded image, so a bound of the one
    by this Gram matrix bounds the other.

    Args:
        kernel: Shape (*kernel_size, cin, cout).
        of_outputs: For pairs of output channels (sums over input channels) instead of input channels.

    Returns:
        Shape (c, *(2 k - 1 for each axis), c) with c the number of these channels.
    """
    *size, _, _ = kernel.shape
    axes = range(len(size))
    filters = kernel if of_outputs else ops.swapaxes(kernel, -1, -2)
    images = ops.transpose(filters, (len(size) + 1, *axes, len(size)))
    images = ops.pad(images, ((0, 0), *((k - 1, k - 1) for k in size), (0, 0)))
    return ops.conv(images, filters, strides=1, padding="valid", data_format="channels_last")
