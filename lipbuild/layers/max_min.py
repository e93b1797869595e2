"""Positive and negative parts side by side."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import checked_data_format
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


@keras.saving.register_keras_serializable(package="lipbuild")
class MaxMin(LipschitzLayer, keras.layers.Layer):
    """`k concat(relu(x), relu(-x))` along the channels, whose number doubles.

    Its Lipschitz constant is k exactly, and gradients from input to output keep their norm. (Elsewhere MaxMin
    is a name for sorting pairs: that is `GroupSort2`.)

    It costs twice the channels in the layer after it.

    Args:
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes.

    Output shape:
        The input's with twice the channels.

    Reference:
        Blot, Cord & Thome, Max-min convolutional neural networks for image classification (ICIP 2016).
    """

    def __init__(
        self, data_format: str | None = "channels_last", k_coef_lip: float = 1.0, **kwargs: Any
    ) -> None:
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def _axis(self, rank: int) -> int:
        return 1 if self.data_format == "channels_first" else rank - 1

    def call(self, inputs: Any) -> Any:
        """Both parts, scaled."""
        outputs = ops.concatenate([ops.relu(inputs), ops.relu(-inputs)], axis=self._axis(len(inputs.shape)))
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape with twice the channels."""
        shape = list(input_shape)
        axis = self._axis(len(shape))
        shape[axis] = None if shape[axis] is None else 2 * shape[axis]
        return tuple(shape)

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations."""
        outputs = ops.concatenate([ops.relu(inputs), ops.relu(-inputs)], axis=self._axis(len(inputs.shape)))
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "data_format": self.data_format, "k_coef_lip": self.k_coef_lip}
