"""Orthogonal transposed 2D convolution."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.ortho_conv2d import OrthoConv2D


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoConv2DTranspose(OrthoConv2D):
    """`y = activation(k K* x + b)`: the adjoint of an `OrthoConv2D` from `filters` channels to the input's.

    In place of `keras.layers.Conv2DTranspose`. An operator and its adjoint have the same singular values, so all that
    holds for `OrthoConv2D` holds here.

    The constant k is exact but for the border. Putting the kernel together costs what it does for `OrthoConv2D`.

    Args:
        filters: number of output channels, a positive integer.
        kernel_size: one or two positive integers, at least as large as the strides.
        **kwargs: as in `OrthoConv2D`; padding must be "same", dilation_rate and groups 1.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2DTranspose`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Boissin et al., An adaptive orthogonal convolution scheme for efficient and flexible CNN architectures (ICML
        2025), arXiv 2501.07930.
    """

    def __init__(self, filters: int, kernel_size: Any, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **kwargs)
        if self.padding != "same" or self.dilation_rate != (1, 1) or self.groups != 1:
            raise ValueError(
                "OrthoConv2DTranspose takes padding='same', no dilation and no groups. "
                f"Received: padding={self.padding!r}, dilation_rate={self.dilation_rate}, groups={self.groups}"
            )

    def _channels(self, channels: int) -> tuple[int, int]:
        return self.filters, channels

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv_transpose(
            inputs, kernel, strides=list(self.strides), padding=self.padding, data_format="channels_last"
        )

    def _plain_layer(self) -> keras.layers.Layer:
        arguments = self._plain_arguments()
        # Keras's own has none.
        del arguments["groups"]
        return keras.layers.Conv2DTranspose(self.filters, self.kernel_size, **arguments)
