"""2D convolution with a choice of paddings."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import checked_padding
from lipbuild.layers.lipschitz_layer import Condensable

PADDINGS = ("same", "valid", "constant", "reflect", "symmetric", "circular")


def pad_circular(x: Any, sizes: tuple[int, int] | list[int] | None, axes: tuple[int, int] = (1, 2)) -> Any:
    """Pad two axes with what is at their other end, as if they closed to a ring."""
    for size, axis in zip(sizes or (0, 0), axes, strict=True):
        if size:
            length = x.shape[axis]
            head = ops.take(x, range(size), axis=axis)
            tail = ops.take(x, range(length - size, length), axis=axis)
            x = ops.concatenate([tail, x, head], axis=axis)
    return x


@keras.saving.register_keras_serializable(package="lipbuild")
class PadConv2D(Condensable, keras.layers.Conv2D):
    """`keras.layers.Conv2D` with more paddings. It is **not** Lipschitz-constrained.

    Args:
        filters: Number of output channels.
        kernel_size: One or two positive integers.
        strides: One or two positive integers.
        padding: "same" and "valid" as in Keras; or kernel_size // 2 pixels on each side that are zeros ("constant"),
            mirrored without or with the border ("reflect", "symmetric") or from the other end ("circular").
        data_format: As in `keras.layers.Conv2D`.
        dilation_rate: As in `keras.layers.Conv2D`.
        activation: As in `keras.layers.Conv2D`.
        use_bias: As in `keras.layers.Conv2D`.
        kernel_initializer: As in `keras.layers.Conv2D`.
        bias_initializer: As in `keras.layers.Conv2D`.
        kernel_regularizer: As in `keras.layers.Conv2D`.
        bias_regularizer: As in `keras.layers.Conv2D`.
        activity_regularizer: As in `keras.layers.Conv2D`.
        kernel_constraint: As in `keras.layers.Conv2D`.
        bias_constraint: As in `keras.layers.Conv2D`.
        **kwargs: What else `keras.layers.Conv2D` takes.

    Its Lipschitz constant is that of `keras.layers.Conv2D` with the trained kernel, which nothing bounds, times what
    the padding adds; a config refuses it. It costs a copy of the padded input beside the convolution.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2D` on the padded input with padding "valid".

    Raises:
        ValueError: The padding is none of these.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "same",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        asked = checked_padding(padding, PADDINGS)
        super().__init__(
            filters,
            kernel_size,
            strides=strides,
            padding="same" if asked == "same" else "valid",
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.pad_mode = asked

    @property
    def _pad_sizes(self) -> tuple[int, int]:
        if self.pad_mode in ("same", "valid"):
            return (0, 0)
        return (self.kernel_size[0] // 2, self.kernel_size[1] // 2)

    @property
    def _spatial_axes(self) -> tuple[int, int]:
        return (1, 2) if self.data_format == "channels_last" else (2, 3)

    def _pad(self, inputs: Any) -> Any:
        sizes, axes = self._pad_sizes, self._spatial_axes
        if self.pad_mode in ("same", "valid"):
            return inputs
        if self.pad_mode == "circular":
            return pad_circular(inputs, sizes, axes)
        widths = [(0, 0)] * 4
        for size, axis in zip(sizes, axes, strict=True):
            widths[axis] = (size, size)
        return ops.pad(inputs, widths, mode=self.pad_mode)

    def _padded_shape(self, input_shape: Any) -> tuple[Any, ...]:
        shape = list(input_shape)
        for size, axis in zip(self._pad_sizes, self._spatial_axes, strict=True):
            shape[axis] = None if shape[axis] is None else shape[axis] + 2 * size
        return tuple(shape)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        super().build(self._padded_shape(input_shape))

    def call(self, inputs: Any) -> Any:
        """Pad and convolve."""
        return super().call(self._pad(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape."""
        return super().compute_output_shape(self._padded_shape(input_shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "padding": self.pad_mode}

    def condense(self) -> None:
        """Nothing: the kernel has no constraint."""

    def _plain_layer(self) -> keras.layers.Layer:
        config = super().get_config()
        return keras.layers.Conv2D.from_config(config)

    def plain_call(self, inputs: Any) -> Any:
        """Keras's padding and convolution with this layer's weights."""
        layer = self._plain_layer()
        outputs = layer(self._pad(inputs))
        layer.set_weights(self.get_weights())
        return outputs

    def vanilla_export(self) -> Any:
        """A Keras model of the padding and a Conv2D, or the Conv2D alone where Keras has the padding."""
        if self.pad_mode in ("same", "valid"):
            layer = self._plain_layer()
            layer.build(self.input.shape)
            layer.set_weights(self.get_weights())
            return layer
        inputs = keras.Input(batch_shape=self.input.shape, dtype=self.input.dtype)
        return keras.Model(inputs, self.plain_call(inputs), name=self.name)
