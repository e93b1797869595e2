"""Division of a convolution's kernel by an estimate of its norm, as a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from lipbuild.normalizers.defaults import DEFAULT_EPS_SPECTRAL, DEFAULT_MAXITER_SPECTRAL
from lipbuild.normalizers.power_iteration import normalized, power_iteration


def spread(x: Any, stride: int) -> Any:
    """An image (batch, height, width, channels) with stride - 1 zeros after each pixel, along both axes."""
    if stride == 1:
        return x
    _, h, w, c = x.shape
    x = ops.reshape(x, (-1, h, 1, w, 1, c))
    gap = (0, stride - 1)
    x = ops.pad(x, ((0, 0), (0, 0), gap, (0, 0), gap, (0, 0)))
    return ops.reshape(x, (-1, h * stride, w * stride, c))


def transposed_kernel(kernel: Any) -> Any:
    """The kernel of the adjoint: both spatial axes reversed, channels exchanged."""
    return ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))


def spectral_normalization_conv(
    kernel: Any,
    u: Any,
    stride: int = 1,
    conv_first: bool = True,
    pad_func: Callable[[Any], Any] | None = None,
    eps: float = DEFAULT_EPS_SPECTRAL,
    maxiter: int = DEFAULT_MAXITER_SPECTRAL,
) -> tuple[Any, Any, Any]:
    """Divide a kernel by the norm of its convolution as power iteration sees it, plus eps.

    The estimate is from below and for the size of u, so this proves nothing by itself: lipbuild's layers do
    not use it.

    Args:
        kernel: Shape (kh, kw, cin, cout).
        u: An image to start from: an input (1, h, w, cin) if conv_first, else an output (1, h, w, cout).
        stride: Of the convolution.
        conv_first: Whether u is an input of the convolution.
        pad_func: Pads an image; None is Keras's "same".
        eps: The iteration ends when a step moves u by less than this; added to the divisor. Negative: nothing
            is done.
        maxiter: Most steps.

    Returns:
        The kernel divided; the last u; the estimate.
    """
    kernel = ops.convert_to_tensor(kernel)
    if eps < 0:
        return kernel, u, 1.0
    stride = int(stride)
    u = ops.convert_to_tensor(u)
    adjoint_kernel = transposed_kernel(kernel)

    def convolve(x: Any) -> Any:
        if pad_func is None:
            return ops.conv(x, kernel, strides=stride, padding="same")
        return ops.conv(pad_func(x), kernel, strides=stride, padding="valid")

    def adjoint(y: Any) -> Any:
        if pad_func is None:
            return ops.conv_transpose(y, kernel, strides=stride, padding="same")
        # The adjoint of a padded convolution, for paddings that do not add to an image: circular ones.
        return ops.conv(pad_func(spread(y, stride)), adjoint_kernel, strides=1, padding="valid")

    first, second = (convolve, adjoint) if conv_first else (adjoint, convolve)
    u = normalized(u) + keras.random.uniform(u.shape, minval=-eps, maxval=eps, dtype=u.dtype)
    u = power_iteration(first, second, u, eps, maxiter)
    sigma = ops.sqrt(ops.sum(ops.square(first(u))))
    return kernel / (sigma + eps), u, sigma
