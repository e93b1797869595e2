"""2D convolution with a kernel of Frobenius norm 1."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.frobenius import Frobenius
from lipbuild.layers.kernels.geometry import Convolution2D


@keras.saving.register_keras_serializable(package="lipbuild")
class FrobeniusConv2D(Convolution2D, Frobenius):
    """`y = activation(k f K * x + b)`: a 2D convolution with K divided by its Frobenius norm, at most k-Lipschitz.

    As `SpectralConv2D`, with the Frobenius norm in place of the spectral norm of the reshaped kernel, which
    it exceeds: the same for a single filter, cheaper and looser for several.

    It costs the norm of the kernel a training step, and nothing at inference.

    Args:
        filters: Number of output channels, a positive integer.
        kernel_size: One or two positive integers.
        strides: One or two positive integers.
        padding: "same" or "valid", with zeros.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        dilation_rate: One or two positive integers; other than 1 only with strides of 1.
        groups: Number of groups.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of the kernel, whose result is normalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the kernel.
        bias_regularizer: Regularizer of the bias.
        activity_regularizer: Regularizer of the output.
        kernel_constraint: Must be None; the kernel has its own constraint.
        bias_constraint: Constraint on the bias.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge regularization (CVPR
        2021).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "same",
        data_format: str | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals()))
