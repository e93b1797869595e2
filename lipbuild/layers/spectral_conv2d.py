"""2D convolution with an orthogonal reshaped kernel, or one whose own norm is held."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.geometry import Convolution2D
from lipbuild.layers.kernels.spectral_convolution import SpectralConvolution
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralConv2D(Convolution2D, SpectralConvolution):
    """2D convolution with an orthogonal reshaped kernel `(kh · kw · cin, filters)`, at most k-Lipschitz.

    In place of `keras.layers.Conv2D` (reshaped kernel orthogonalisation, RKO). The kernel is multiplied by
    `k / √(kh · kw)` at stride 1 and by `k / √(⌈kh/sh⌉ ⌈kw/sw⌉)` at strides (sh, sw): as often as an input
    pixel can be seen, so that the operator's norm is at most k for every image size and padding. That is a
    bound and not exact: the true norm is usually well below k, and gradients shrink with depth. (deel-lip's
    factor at stride 1 is an average over the image, up to 1.5 times larger, with which the norm can exceed k;
    lipbuild differs from it on purpose.)

    With `norm="operator"` it is the convolution itself whose norm is held at k, by an upper bound that holds for every
    image size, and whose singular values are brought near to 1: by a cubic step in a few frequencies after each update,
    where the reshaped kernel has one in a matrix. That certifies more. It starts from a window of the strides' size in
    the middle of the kernel that is orthogonal. `OrthoConv2D` is orthogonal exactly, and its steps cost more.

    The kernel is kept on its manifold as in `SpectralDense`, at the same cost for the reshaped kernel; inference costs
    what that of the built-in layer does.

    Args:
        filters: Number of output channels, a positive integer.
        kernel_size: One or two positive integers.
        strides: One or two positive integers.
        padding: "same" or "valid", with zeros.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        dilation_rate: One or two positive integers; other than 1 only with strides of 1.
        groups: Number of groups; the kernel of each is orthogonalised by itself.
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
            certifies more; see above.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Li et al., Preventing gradient attenuation in Lipschitz constrained convolutional networks (NeurIPS
        2019); Serrurier et al., Achieving robustness in classification using optimal transport (CVPR 2021).
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
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
        maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
        norm: str = "kernel",
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals()))
