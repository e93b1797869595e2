"""2D convolution rescaled to be almost orthogonal."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.aol_dense import bounded, inverse_root
from lipbuild.layers.autocorrelation import autocorrelation
from lipbuild.layers.effective_conv2d import EffectiveConv2D
from lipbuild.layers.exact_products import for_exact_products
from lipbuild.normalizers.safety import convolution_safety


class CentredInitializer(keras.initializers.Initializer):
    """A kernel that is zero but for its central tap, which another initializer gives."""

    def __init__(self, initializer: Any) -> None:
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """The kernel, shape (kh, kw, cin, cout)."""
        kh, kw, *channels = shape
        tap = self.initializer(tuple(channels), dtype=dtype)
        place = ops.reshape(ops.one_hot(kh // 2 * kw + kw // 2, kh * kw, dtype=dtype), (kh, kw, 1, 1))
        return place * tap


@keras.saving.register_keras_serializable(package="lipbuild")
class AOLConv2D(EffectiveConv2D):
    """2D convolution with each channel scaled by `(Σ |autocorrelation of the kernel|)^(-1/2)`, at most k-Lipschitz.

    In place of `keras.layers.Conv2D`: a bound for every kernel, image size, stride, dilation and padding. The scales
    are those of `AOLDense` for the convolution's own Gram matrix, on the side with fewer channels. The constant is
    exact only where the convolution is orthogonal; it starts there, from an orthogonal central tap.

    A call costs the convolution of the kernel with itself beside its own; an exported layer costs nothing more.

    Args:
        filters: number of output channels, a positive integer.
        kernel_size: one or two positive integers.
        strides: one or two positive integers.
        padding: "same" or "valid", with zeros.
        dilation_rate: one or two positive integers; other than 1 only with strides of 1.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the central tap `(cin, filters)`; the others start at 0.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the free kernel.
        bias_regularizer: regularizer of the bias.
        k_coef_lip: the Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2D`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Prach & Lampert, Almost-orthogonal layers for efficient general-purpose Lipschitz networks (ECCV 2022).
    """

    def _add_kernel_weights(self, channels: int) -> None:
        initializer = CentredInitializer(self.kernel_initializer)
        self.weight = self._add_kernel_weight(
            "weight", (*self.kernel_size, channels, self.filters), initializer
        )

    def effective_kernel(self) -> Any:
        """The free kernel, scaled."""
        w = bounded(for_exact_products(self.weight))
        of_outputs = w.shape[-1] <= w.shape[-2]
        sums = ops.sum(ops.abs(autocorrelation(w, of_outputs)), axis=(1, 2, 3))
        # Strided, it is a part of the convolution of stride 1.
        d = convolution_safety(self.kernel_size, (1, 1), min(w.shape[-2:])) * inverse_root(sums)
        return w * d if of_outputs else w * ops.expand_dims(d, -1)
