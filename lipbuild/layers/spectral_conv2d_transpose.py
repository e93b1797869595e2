"""Transposed 2D convolution with an orthogonal reshaped kernel."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.geometry import TransposedConvolution2D
from lipbuild.layers.kernels.spectral_convolution import SpectralConvolution
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralConv2DTranspose(TransposedConvolution2D, SpectralConvolution):
    """Transposed 2D convolution, the adjoint of a `SpectralConv2D`: at most k-Lipschitz.

    In place of `keras.layers.Conv2DTranspose`. An operator and its adjoint have the same norm, so the kernel
    `(kh, kw, filters, cin)` is orthogonal as the matrix `(kh · kw · filters, cin)` and the factor is that of
    the convolution from `filters` to `cin` channels, `k / √(⌈kh/sh⌉ ⌈kw/sw⌉)`. The constant is a bound, not
    exact.

    The kernel is kept on its manifold as in `SpectralDense`, at the same cost for the reshaped kernel; inference costs
    what that of the built-in layer does.

    Args:
        filters: Number of output channels, a positive integer.
        kernel_size: One or two positive integers.
        strides: One or two positive integers.
        padding: Must be "same".
        output_padding: Must be None.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        dilation_rate: Must be 1.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of the kernel, whose result is orthogonalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the kernel.
        bias_regularizer: Regularizer of the bias.
        activity_regularizer: Regularizer of the output.
        kernel_constraint: Must be None; the kernel has its own constraint.
        bias_constraint: Constraint on the bias.
        k_coef_lip: The Lipschitz constant k.
        eps_spectral: Relative excess of the norm bound where eps_bjorck is None.
        eps_bjorck: Tolerance of `condense`; None leaves orthogonalisation out and only scales the norm down
            to 1.
        beta_bjorck: Step of `condense`, in (0, 0.5]; None as with eps_bjorck.
        maxiter_spectral: Most squarings of the Gram matrix in the norm bound where eps_bjorck is None.
        maxiter_bjorck: Most steps of `condense`.
        norm: Whose norm is held: "kernel", the reshaped kernel's, or "operator", the convolution's own, which
            certifies more, as in `SpectralConv2D`.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        As `keras.layers.Conv2DTranspose`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Li et al., Preventing gradient attenuation in Lipschitz constrained convolutional networks (NeurIPS 2019);
        Serrurier et al., Achieving robustness in classification using optimal transport (CVPR 2021).
    """

    takes = ("data_format",)

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
        norm: str = "kernel",
        output_padding: Any = None,
        **kwargs: Any,
    ) -> None:
        if output_padding is not None:
            raise ValueError(
                f"SpectralConv2DTranspose infers its output's size. Received: output_padding={output_padding!r}"
            )
        super().__init__(**arguments_of(locals(), "output_padding"))
        self.output_padding = None

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "output_padding": None}
