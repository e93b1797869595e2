"""What the centering layers share."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import channel_axis, checked_data_format
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


class Centering(LipschitzLayer, keras.layers.Layer):
    """Subtracting a mean of each channel, then adding a learned bias."""

    def __init__(
        self,
        use_bias: bool = True,
        data_format: str | None = "channels_last",
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.use_bias = bool(use_bias)
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.bias: Any = None

    def _channels(self, input_shape: Any) -> int:
        channels = input_shape[channel_axis(self.data_format)]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        return int(channels)

    def _broadcast_shape(self, rank: int) -> tuple[int, ...]:
        if self.data_format == "channels_last":
            return (-1,)
        return (-1,) + (1,) * (rank - 2)

    def build(self, input_shape: Any) -> None:
        """Create the bias."""
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self._channels(input_shape),), initializer="zeros"
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "use_bias": self.use_bias,
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
        }
