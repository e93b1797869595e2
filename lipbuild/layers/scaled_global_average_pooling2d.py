"""Global average pooling, scaled to be 1-Lipschitz and not less."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import checked_data_format
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.layers.rounded_scale import scale_down


@keras.saving.register_keras_serializable(package="lipbuild")
class ScaledGlobalAveragePooling2D(LipschitzLayer, keras.layers.Layer):
    """`k √(H · W) · average` over the whole image of H × W pixels.

    In place of `keras.layers.GlobalAveragePooling2D`, whose constant is `1/√(H · W)`. The constant is k and
    exact: constant images reach it. The gradient's norm is kept from output to input.

    It costs a factor more than averaging.

    Args:
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        k_coef_lip: The Lipschitz constant k.
        keepdims: Whether the output keeps two axes of size 1.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first. Height
        and width have to be known, since the scale depends on them.

    Output shape:
        `(batch, channels)`.

    Raises:
        ValueError: An argument is out of its range, or the image's size is unknown.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge regularization (CVPR
        2021).
    """

    def __init__(
        self, data_format: str | None = None, k_coef_lip: float = 1.0, keepdims: bool = False, **kwargs: Any
    ) -> None:
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.data_format = data_format
        self.keepdims = bool(keepdims)
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(ndim=4)

    @property
    def _axes(self) -> tuple[int, int]:
        return (1, 2) if self.data_format == "channels_last" else (2, 3)

    def _scale(self, input_shape: Any) -> float:
        sizes = [input_shape[axis] for axis in self._axes]
        if any(size is None for size in sizes):
            raise ValueError(
                "ScaledGlobalAveragePooling2D multiplies by √(height · width), which have to be known. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        return scale_down(self.k_coef_lip, math.prod(sizes))

    def build(self, input_shape: Any) -> None:
        """Check that the image's size is known."""
        self._scale(input_shape)

    def call(self, inputs: Any) -> Any:
        """Average and scale."""
        return ops.mean(inputs, axis=self._axes, keepdims=self.keepdims) * self._scale(inputs.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that `keras.layers.GlobalAveragePooling2D` would give."""
        return self._plain_layer().compute_output_shape(input_shape)

    def _plain_layer(self, name: str | None = None) -> keras.layers.Layer:
        return keras.layers.GlobalAveragePooling2D(
            data_format=self.data_format, keepdims=self.keepdims, name=name, dtype=self.dtype_policy
        )

    def plain_call(self, inputs: Any) -> Any:
        """Keras's global average pooling and a scale."""
        pooled = self._plain_layer(self.name)(inputs)
        scale = keras.layers.Rescaling(
            self._scale(inputs.shape), name=f"{self.name}_scale", dtype=self.dtype_policy
        )
        return scale(pooled)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "data_format": self.data_format,
            "keepdims": self.keepdims,
            "k_coef_lip": self.k_coef_lip,
        }
