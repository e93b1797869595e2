"""Autocorrelation of a convolution's kernel: the entries of its Gram matrix."""

from __future__ import annotations

from typing import Any

from keras import ops


def autocorrelation(kernel: Any, of_outputs: bool) -> Any:
    """`Σ K[q, c, o] K[q + Δ, c', o]` for all shifts Δ: the Gram matrix of the convolution on an unbounded image.

    With zero padding, cropping and strides the operator is a part of that on an unbounded image, so a bound of the one
    by this Gram matrix bounds the other.

    Args:
        kernel: shape (kh, kw, cin, cout).
        of_outputs: for pairs of output channels (sums over input channels) instead of input channels.

    Returns:
        Shape (c, 2 kh - 1, 2 kw - 1, c) with c the number of these channels.
    """
    kh, kw = kernel.shape[:2]
    filters = kernel if of_outputs else ops.transpose(kernel, (0, 1, 3, 2))
    images = ops.transpose(filters, (3, 0, 1, 2))
    images = ops.pad(images, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
    return ops.conv(images, filters, strides=1, padding="valid", data_format="channels_last")
