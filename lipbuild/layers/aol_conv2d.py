"""2D convolution rescaled to be almost orthogonal."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.aol import AOL
from lipbuild.layers.kernels.geometry import Convolution2D


@keras.saving.register_keras_serializable(package="lipbuild")
class AOLConv2D(Convolution2D, AOL):
    """2D convolution with each channel scaled by `(Σ |autocorrelation of the kernel|)^(-1/2)`, at most k-Lipschitz.

    In place of `keras.layers.Conv2D`: a bound for every kernel, image size, stride, dilation and padding. The scales
    are those of `AOLDense` for the convolution's own Gram matrix, on the side with fewer channels. The constant is
    exact only where the convolution is orthogonal; it starts there, from an orthogonal central tap.

    A call costs the convolution of the kernel with itself beside its own; an exported layer costs nothing more.

    Args:
        filters: Number of output channels, a positive integer.
        kernel_size: One or two positive integers.
        strides: One or two positive integers.
        padding: "same" or "valid", with zeros.
        dilation_rate: One or two positive integers; other than 1 only with strides of 1.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias.
        kernel_initializer: Initializer of the central tap `(cin, filters)`; the others start at 0.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the free kernel.
        bias_regularizer: Regularizer of the bias.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Prach & Lampert, Almost-orthogonal layers for efficient general-purpose Lipschitz networks (ECCV 2022).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "same",
        dilation_rate: int | tuple[int, int] = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals()))
