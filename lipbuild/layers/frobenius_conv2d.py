"""2D convolution with a kernel of Frobenius norm 1."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.constraints.frobenius_sphere import FrobeniusSphere
from lipbuild.layers.conv_kernel_layer import ConvKernelLayer


@keras.saving.register_keras_serializable(package="lipbuild")
class FrobeniusConv2D(ConvKernelLayer):
    """`y = activation(k f K * x + b)`: a 2D convolution with K divided by its Frobenius norm, at most k-Lipschitz.

    As `SpectralConv2D`, with the Frobenius norm in place of the spectral norm of the reshaped kernel, which
    it exceeds: the same for a single filter, cheaper and looser for several.

    It costs the norm of the kernel a training step, and nothing at inference.

    Args:
        filters: number of output channels, a positive integer.
        kernel_size: one or two positive integers.
        strides: one or two positive integers.
        padding: "same" or "valid", with zeros.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        dilation_rate: one or two positive integers; other than 1 only with strides of 1.
        groups: number of groups.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias, which is not constrained.
        kernel_initializer: initializer of the kernel, whose result is normalised.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: must be None; the kernel has its own constraint.
        bias_constraint: constraint on the bias.
        k_coef_lip: the Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge regularization (CVPR
        2021).
    """

    rank = 2

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
        super().__init__(
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            groups=groups,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )

    def _manifold(self) -> FrobeniusSphere:
        return FrobeniusSphere()

    def _plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Conv2D(self.filters, self.kernel_size, **self._plain_arguments())
