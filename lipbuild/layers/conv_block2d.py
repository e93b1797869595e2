"""What the residual blocks for images share."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.conv_arguments import positive_tuple
from lipbuild.layers.dense_block import checked_hidden_size
from lipbuild.layers.residual_block import ResidualBlock


class ConvBlock2D(ResidualBlock):
    """A residual block whose kernels are those of 2D convolutions `(kh, kw, channels, hidden_filters)`."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int] = 3,
        hidden_filters: int | None = None,
        kernel_initializer: Any = "glorot_normal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        size = positive_tuple(kernel_size, 2, "kernel_size")
        if any(k % 2 == 0 for k in size):
            raise ValueError(f"kernel_size must be odd. Received: kernel_size={kernel_size!r}")
        hidden_filters = checked_hidden_size(hidden_filters, "hidden_filters")
        super().__init__(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.kernel_size = size
        self.hidden_filters = hidden_filters
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        hidden = self.hidden_filters or channels
        self._add_weights((*self.kernel_size, channels, hidden), hidden)

    def _into(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv(inputs, kernel, strides=1, padding="same", data_format="channels_last")

    def _back(self, hidden: Any, kernel: Any) -> Any:
        return ops.conv_transpose(hidden, kernel, strides=1, padding="same", data_format="channels_last")

    def _plain_layers(self, into: Any, back: Any) -> tuple[keras.layers.Layer, keras.layers.Layer]:
        channels, hidden = into.shape[-2:]
        common = {"padding": "same", "data_format": "channels_last", "dtype": self.dtype_policy}
        first = keras.layers.Conv2D(
            hidden, self.kernel_size, activation="relu", name=f"{self.name}_into", **common
        )
        return first, keras.layers.Conv2DTranspose(
            channels, self.kernel_size, use_bias=False, name=f"{self.name}_back", **common
        )

    def _plain_back(self, back: Any) -> Any:
        return back

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "hidden_filters": self.hidden_filters,
        }
