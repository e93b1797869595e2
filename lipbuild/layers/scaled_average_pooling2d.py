"""Average pooling, scaled to be 1-Lipschitz and not less."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import checked_data_format, checked_padding, positive_tuple
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.layers.rounded_scale import scale_down


@keras.saving.register_keras_serializable(package="lipbuild")
class ScaledAveragePooling2D(LipschitzLayer, keras.layers.Layer):
    """`k √(ph · pw) · average` over windows of (ph, pw) that do not overlap.

    In place of `keras.layers.AveragePooling2D`, whose constant is `1/√(ph · pw)`. The constant is k and
    exact: constant windows reach it. The gradient's norm is kept from output to input.

    It costs a factor more than averaging.

    Args:
        pool_size: One or two positive integers.
        strides: Must be None or equal to pool_size: overlapping windows would have a larger constant.
        padding: Must be "valid": the windows of "same" at the border average fewer pixels.
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        `(batch, height // ph, width // pw, channels)`, or with channels first accordingly.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge regularization (CVPR
        2021).
    """

    def __init__(
        self,
        pool_size: int | tuple[int, int] = (2, 2),
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        size = positive_tuple(pool_size, 2, "pool_size")
        if strides is not None and positive_tuple(strides, 2, "strides") != size:
            raise ValueError(
                "strides must be None or equal to pool_size, since windows that overlap have a larger "
                f"Lipschitz constant. Received: pool_size={pool_size!r}, strides={strides!r}"
            )
        padding = checked_padding(padding, ("valid",))
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.pool_size = size
        self.strides = size
        self.padding = padding
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(ndim=4)

    @property
    def scale(self) -> float:
        """What the average is multiplied by: k √(ph · pw), rounded down to float32."""
        return scale_down(self.k_coef_lip, math.prod(self.pool_size))

    def call(self, inputs: Any) -> Any:
        """Average and scale."""
        pooled = ops.average_pool(
            inputs, self.pool_size, strides=self.strides, padding=self.padding, data_format=self.data_format
        )
        return pooled * self.scale

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that `keras.layers.AveragePooling2D` would give."""
        return self._plain_layer().compute_output_shape(input_shape)

    def _plain_layer(self, name: str | None = None) -> keras.layers.Layer:
        return keras.layers.AveragePooling2D(
            self.pool_size,
            padding=self.padding,
            data_format=self.data_format,
            name=name,
            dtype=self.dtype_policy,
        )

    def plain_call(self, inputs: Any) -> Any:
        """Keras's average pooling and a scale."""
        pooled = self._plain_layer(self.name)(inputs)
        if self.scale == 1.0:
            return pooled
        return keras.layers.Rescaling(self.scale, name=f"{self.name}_scale", dtype=self.dtype_policy)(pooled)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
        }
