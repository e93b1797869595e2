"""A residual block for images."""

from __future__ import annotations

import keras

from lipbuild.layers.residual_block import ConvBlock2D
from lipbuild.layers.sll import SLL


@keras.saving.register_keras_serializable(package="lipbuild")
class SLLConv2D(SLL, ConvBlock2D):
    """`SLLDense` with W a 2D convolution with zero padding and Wᵀ its adjoint, channels last.

    The sums run over the kernel's autocorrelation, so that the constant k holds for every image size, as a bound.

    It costs the convolution of the kernel with itself beside the block's own; an exported block costs nothing more.

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
        Araujo et al., A unified algebraic perspective on Lipschitz neural networks (ICLR 2023).
    """
