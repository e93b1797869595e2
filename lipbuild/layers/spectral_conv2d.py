"""2D convolution with an orthogonal reshaped kernel."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.spectral_conv import SpectralConv
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralConv2D(SpectralConv):
    """2D convolution with an orthogonal reshaped kernel `(kh · kw · cin, filters)`, at most k-Lipschitz.

    In place of `keras.layers.Conv2D` (reshaped kernel orthogonalisation, RKO). The kernel is multiplied by
    `k / √(kh · kw)` at stride 1 and by `k / √(⌈kh/sh⌉ ⌈kw/sw⌉)` at strides (sh, sw): as often as an input
    pixel can be seen, so that the operator's norm is at most k for every image size and padding. That is a
    bound and not exact: the true norm is usually well below k, and gradients shrink with depth. (deel-lip's
    factor at stride 1 is an average over the image, up to 1.5 times larger, with which the norm can exceed k;
    lipbuild differs from it on purpose.)

    The kernel is kept on its manifold as in `SpectralDense`, at the same cost for the reshaped kernel; inference costs
    what that of the built-in layer does.

    Args:
        filters: number of output channels, a positive integer.
        kernel_size: one or two positive integers.
        strides: one or two positive integers.
        padding: "same" or "valid", with zeros.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        dilation_rate: one or two positive integers; other than 1 only with strides of 1.
        groups: number of groups; the kernel of each is orthogonalised by itself.
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
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Li et al., Preventing gradient attenuation in Lipschitz constrained convolutional networks (NeurIPS
        2019); Serrurier et al., Achieving robustness in classification using optimal transport (CVPR 2021).
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
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
        maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
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
            eps_spectral=eps_spectral,
            eps_bjorck=eps_bjorck,
            beta_bjorck=beta_bjorck,
            maxiter_spectral=maxiter_spectral,
            maxiter_bjorck=maxiter_bjorck,
            **kwargs,
        )

    def _plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Conv2D(self.filters, self.kernel_size, **self._plain_arguments())
