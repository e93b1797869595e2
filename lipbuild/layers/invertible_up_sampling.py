"""Channels into pixels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.invertible_sampling import InvertibleSampling


@keras.saving.register_keras_serializable(package="lipbuild")
class InvertibleUpSampling(InvertibleSampling):
    """k times the inverse of `InvertibleDownSampling`: groups of `ph · pw` channels become windows of pixels.

    In place of up-sampling by repetition, whose constant is `√(ph · pw)`. A permutation: its constant is k
    exactly, and gradients keep their norm.

    It costs what moving the values does.

    Args:
        pool_size: One or two positive integers, whose product divides the number of channels.
        data_format: "channels_last" (default) or "channels_first".
        name: As in `keras.layers.Layer`.
        dtype: As in `keras.layers.Layer`.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: What else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        `(batch, height · ph, width · pw, channels / (ph · pw))`, or with channels first accordingly.

    Raises:
        ValueError: The number of channels is not a multiple of `ph · pw`.

    Reference:
        Shi et al., Real-time single image super-resolution using an efficient sub-pixel convolution (CVPR 2016).
    """

    def _output_shape(self, shape: tuple[Any, Any, Any, Any]) -> tuple[Any, Any, Any, Any]:
        batch, h, w, c = shape
        ph, pw = self.pool_size
        if c is not None and c % (ph * pw):
            raise ValueError(
                "The product of pool_size must divide the number of channels. "
                f"Received: pool_size={self.pool_size}, {c} channels"
            )
        return (
            batch,
            None if h is None else h * ph,
            None if w is None else w * pw,
            None if c is None else c // (ph * pw),
        )

    def _permute(self, inputs: Any, shape: Any) -> Any:
        h, w, c = shape
        ph, pw = self.pool_size
        x = ops.reshape(inputs, (-1, h, w, c // (ph * pw), ph, pw))
        return ops.reshape(ops.transpose(x, (0, 1, 4, 2, 5, 3)), (-1, h * ph, w * pw, c // (ph * pw)))
