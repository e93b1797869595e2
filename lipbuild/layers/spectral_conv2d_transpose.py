"""Transposed 2D convolution with an orthogonal reshaped kernel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.spectral_conv import SpectralConv
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralConv2DTranspose(SpectralConv):
    """Transposed 2D convolution, the adjoint of a `SpectralConv2D`: at most k-Lipschitz.

    In place of `keras.layers.Conv2DTranspose`. An operator and its adjoint have the same norm, so the kernel
    `(kh, kw, filters, cin)` is orthogonal as the matrix `(kh · kw · filters, cin)` and the factor is that of
    the convolution from `filters` to `cin` channels, `k / √(⌈kh/sh⌉ ⌈kw/sw⌉)`. The constant is a bound, not
    exact.

    The kernel is kept on its manifold as in `SpectralDense`, at the same cost for the reshaped kernel; inference costs
    what that of the built-in layer does.

    Args:
        filters: number of output channels, a positive integer.
        kernel_size: one or two positive integers.
        strides: one or two positive integers.
        padding: must be "same".
        output_padding: must be None.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        dilation_rate: must be 1.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias, which is not constrained.
        kernel_initializer: initializer of the kernel, whose result is orthogonalised.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: must be None; the kernel has its own constraint.
        bias_constraint: constraint on the bias.
        k_coef_lip: the Lipschitz constant k.
        eps_spectral: relative excess of the norm bound where eps_bjorck is None.
        eps_bjorck: tolerance of `condense`; None leaves orthogonalisation out and only scales the norm down
            to 1.
        beta_bjorck: step of `condense`, in (0, 0.5]; None as with eps_bjorck.
        maxiter_spectral: most squarings of the Gram matrix in the norm bound where eps_bjorck is None.
        maxiter_bjorck: most steps of `condense`.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        As `keras.layers.Conv2DTranspose`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Li et al., Preventing gradient attenuation in Lipschitz constrained convolutional networks (NeurIPS 2019);
        Serrurier et al., Achieving robustness in classification using optimal transport (CVPR 2021).
    """

    rank = 2
    paddings = ("same",)

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "same",
        data_format: str | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
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
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
        maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
        output_padding: Any = None,
        **kwargs: Any,
    ) -> None:
        if output_padding is not None:
            raise ValueError(
                f"SpectralConv2DTranspose infers its output's size. Received: output_padding={output_padding!r}"
            )
        super().__init__(
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            groups=1,
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
            eps_spectral=eps_spectral,
            eps_bjorck=eps_bjorck,
            beta_bjorck=beta_bjorck,
            maxiter_spectral=maxiter_spectral,
            maxiter_bjorck=maxiter_bjorck,
            **kwargs,
        )
        if self.dilation_rate != (1, 1):
            raise ValueError(
                f"SpectralConv2DTranspose has no dilation. Received: dilation_rate={dilation_rate!r}"
            )
        self.output_padding = None

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, self.filters, channels)

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv_transpose(
            inputs,
            kernel,
            strides=list(self.strides),
            padding=self.padding,
            data_format=self.data_format,
        )

    def _plain_layer(self) -> keras.layers.Layer:
        arguments = self._plain_arguments()
        del arguments["groups"]
        return keras.layers.Conv2DTranspose(self.filters, self.kernel_size, **arguments)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        config = {**super().get_config(), "output_padding": None}
        del config["groups"]
        return config
