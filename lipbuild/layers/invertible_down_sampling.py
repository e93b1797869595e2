"""Pixels into channels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.invertible_sampling import InvertibleSampling


@keras.saving.register_keras_serializable(package="lipbuild")
class InvertibleDownSampling(InvertibleSampling):
    """k times the image with each window of (ph, pw) pixels moved into `ph · pw` times the channels.

    In place of pooling where nothing is to be lost. A permutation: its constant is k exactly, and gradients
    keep their norm. Pixel (i, j) of channel c becomes channel `c · ph · pw + i · pw + j`.

    It costs what moving the values does.

    Args:
        pool_size: One or two positive integers, which divide the height and the width.
        data_format: "channels_last" (default) or "channels_first".
        name: As in `keras.layers.Layer`.
        dtype: As in `keras.layers.Layer`.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: What else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        `(batch, height / ph, width / pw, channels · ph · pw)`, or with channels first accordingly.

    Raises:
        ValueError: pool_size does not divide the image.

    Reference:
        Shi et al., Real-time single image super-resolution using an efficient sub-pixel convolution (CVPR
        2016).
    """

    def _output_shape(self, shape: tuple[Any, Any, Any, Any]) -> tuple[Any, Any, Any, Any]:
        batch, h, w, c = shape
        ph, pw = self.pool_size
        if (h is not None and h % ph) or (w is not None and w % pw):
            raise ValueError(
                "pool_size must divide the image. "
                f"Received: pool_size={self.pool_size}, an image of {h} x {w} pixels"
            )
        return (
            batch,
            None if h is None else h // ph,
            None if w is None else w // pw,
            None if c is None else c * ph * pw,
        )

    def _permute(self, inputs: Any, shape: Any) -> Any:
        h, w, c = shape
        ph, pw = self.pool_size
        x = ops.reshape(inputs, (-1, h // ph, ph, w // pw, pw, c))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 5, 2, 4)), (-1, h // ph, w // pw, c * ph * pw))
