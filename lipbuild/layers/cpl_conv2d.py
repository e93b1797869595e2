"""A convex potential residual block for images."""

from __future__ import annotations

import keras

from lipbuild.layers.cpl import CPL
from lipbuild.layers.residual_block import ConvBlock2D


@keras.saving.register_keras_serializable(package="lipbuild")
class CPLConv2D(CPL, ConvBlock2D):
    """`CPLDense` with V a 2D convolution with zero padding and Vᵀ its adjoint, channels last.

    The bound of ‖W‖ is that of the convolution on an unbounded image, so that the constant k holds for every image
    size: the largest norm on a grid of frequencies, times what it can grow by between them. It is within some 10 % of
    the norm. The constant is a bound, and exact where a direction is left that V does not see, as in `CPLDense`.

    A step costs about `18 (kh - 1)(kw - 1)` symbols for it, four products of size 2r each, r the smaller number of
    channels: little beside the convolutions, unless images are as small as kernels.

    Args:
        kernel_size: One or two odd positive integers.
        hidden_filters: Output channels of W; None takes the input's number.
        kernel_initializer: Initializer of W.
        bias_initializer: Initializer of b.
        kernel_regularizer: Regularizer of W.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Meunier et al., A dynamical system perspective for Lipschitz neural networks (ICML 2022).
    """
