"""What the convolutions share whose kernel is computed from their weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.conv_arguments import checked_padding, positive_tuple
from lipbuild.layers.effective_kernel_layer import EffectiveKernelLayer


class EffectiveConv2D(EffectiveKernelLayer):
    """A 2D convolution, channels last, with an effective kernel `(kh, kw, cin, filters)`."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "same",
        dilation_rate: int | tuple[int, int] = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if isinstance(filters, bool) or not isinstance(filters, int) or filters < 1:
            raise ValueError(f"filters must be a positive integer. Received: filters={filters!r}")
        size = positive_tuple(kernel_size, 2, "kernel_size")
        steps = positive_tuple(strides, 2, "strides")
        dilation = positive_tuple(dilation_rate, 2, "dilation_rate")
        if max(steps) > 1 and max(dilation) > 1:
            raise ValueError(
                "strides and dilation_rate cannot both differ from 1. "
                f"Received: strides={strides!r}, dilation_rate={dilation_rate!r}"
            )
        padding = checked_padding(padding, ("same", "valid"))
        super().__init__(
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.filters = filters
        self.kernel_size = size
        self.strides = steps
        self.padding = padding
        self.dilation_rate = dilation
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})
        self._add_kernel_weights(channels)
        self._add_bias((self.filters,))

    def _add_kernel_weights(self, channels: int) -> None:
        raise NotImplementedError

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv(
            inputs,
            kernel,
            strides=list(self.strides),
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            data_format="channels_last",
        )

    def _plain_arguments(self) -> dict[str, Any]:
        return {
            "strides": self.strides,
            "padding": self.padding,
            "data_format": "channels_last",
            "dilation_rate": self.dilation_rate,
            "activation": self._plain_activation(),
            "use_bias": self.use_bias,
            "name": self.name,
            "dtype": self.dtype_policy,
        }

    def _plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Conv2D(self.filters, self.kernel_size, **self._plain_arguments())

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
        }
