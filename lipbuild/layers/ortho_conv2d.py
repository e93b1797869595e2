"""Orthogonal 2D convolution."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import positive_integer
from lipbuild.layers.kernels.geometry import Convolution2D
from lipbuild.layers.kernels.orthogonal_convolution import OrthogonalConvolution


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoConv2D(Convolution2D, OrthogonalConvolution):
    """`y = activation(k K * x + b)` with a 2D convolution that is orthogonal as an operator (AOC).

    In place of `keras.layers.Conv2D`; `SpectralConv2D` makes the reshaped kernel orthogonal, and not the operator. K is
    composed of two-tap factors `[P, I - P]` with projectors P, along both axes, and of one patch matrix of size
    (sh, sw) at strides (sh, sw), or 1 x 1, that is orthogonal and changes the number of channels. On an image with
    circular padding all its singular values are 1: the constant k is exact. With zero padding the norm is at most k and
    gradients are kept away from the border, which `SpectralConv2D` does not do: deep networks train.

    With groups each group of channels has an orthogonal kernel of its own, and so is the whole.

    Bases of the projectors and the patch matrix live on their manifolds as in `SpectralDense`; whatever an update does,
    the norm is at most k. Putting the kernel together costs `(kh + kw) · kh · kw · c³ / groups²` multiply-adds a
    step, little beside the convolution. At inference and in exports it is an ordinary kernel.

    Args:
        filters: Number of output channels, a positive integer.
        kernel_size: One or two positive integers, at least as large as the strides.
        strides: One or two positive integers.
        padding: "same" or "valid", with zeros.
        dilation_rate: One or two positive integers; other than 1 only with strides of 1.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias.
        kernel_initializer: Initializer of the bases and of the patch matrix, whose results are orthogonalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the bases and of the patch matrix.
        bias_regularizer: Regularizer of the bias.
        k_coef_lip: The Lipschitz constant k.
        groups: Number of groups of channels; divides the input's channels and the filters.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Boissin et al., An adaptive orthogonal convolution scheme for efficient and flexible CNN architectures (ICML
        2025), arXiv 2501.07930; Li et al., Preventing gradient attenuation in Lipschitz constrained convolutional
        networks (NeurIPS 2019).
    """

    def __init__(self, filters: int, kernel_size: Any, *, groups: int = 1, **kwargs: Any) -> None:
        positive_integer(filters, "filters")
        if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1 or filters % groups:
            raise ValueError(
                "groups must be a positive integer that divides filters. "
                f"Received: groups={groups!r}, filters={filters}"
            )
        super().__init__(filters, kernel_size, groups=groups, **kwargs)

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        # All groups in one operation, which Keras has XLA compile.
        return self._convolve(inputs, kernel, self.padding)
