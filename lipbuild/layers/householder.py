"""Reflecting pairs of channels at learned lines."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


@keras.saving.register_keras_serializable(package="lipbuild")
class Householder(LipschitzLayer, keras.layers.Layer):
    """k times the channels, with pairs on one side of a learned line reflected at it.

    Channels i and i + C/2 are a point of the plane. On the side where `z₁ sin(θ/2) > z₂ cos(θ/2)` it is
    reflected at the line through 0 at angle θ/2, elsewhere left. The map is continuous, its Lipschitz
    constant k exactly, and gradients keep their norm. θ = π/2 is the sorting of pairs (`GroupSort2`,
    ascending).

    It costs a few products a value, where `GroupSort2` costs comparisons.

    Args:
        data_format: Must be "channels_last".
        k_coef_lip: The Lipschitz constant k.
        theta_initializer: Initializer of the angles θ; None starts at π/2.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes; the number of channels has to be known and even.

    Output shape:
        Same as the input.

    Raises:
        NotImplementedError: data_format is "channels_first".
        ValueError: The number of channels is odd or unknown.

    Reference:
        Singla, Singla & Feizi, Improved deterministic l2 robustness on CIFAR-10 and CIFAR-100 (ICLR 2022).
    """

    def __init__(
        self,
        data_format: str = "channels_last",
        k_coef_lip: float = 1.0,
        theta_initializer: Any = None,
        **kwargs: Any,
    ) -> None:
        if data_format != "channels_last":
            raise NotImplementedError(
                f"Householder takes channels last only. Received: data_format={data_format!r}"
            )
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.theta_initializer = keras.initializers.get(theta_initializer)
        self.theta: Any = None

    def build(self, input_shape: Any) -> None:
        """Create the angles."""
        channels = input_shape[-1]
        if channels is None or channels % 2:
            raise ValueError(
                "Householder pairs channels, so their number has to be even and known. Received: "
                f"{channels} channels in an input of shape {tuple(input_shape)}"
            )
        initializer = self.theta_initializer
        if initializer is None:
            initializer = keras.initializers.Constant(math.pi / 2)
        self.theta = self.add_weight(name="theta", shape=(channels // 2,), initializer=initializer)

    def _reflect(self, inputs: Any, theta: Any) -> Any:
        z1, z2 = ops.split(inputs, 2, axis=-1)
        outside = z1 * ops.sin(0.5 * theta) - z2 * ops.cos(0.5 * theta) > 0
        cos, sin = ops.cos(theta), ops.sin(theta)
        a = ops.where(outside, z1 * cos + z2 * sin, z1)
        b = ops.where(outside, z1 * sin - z2 * cos, z2)
        return ops.concatenate([a, b], axis=-1)

    def call(self, inputs: Any) -> Any:
        """Reflect and scale."""
        outputs = self._reflect(inputs, ops.convert_to_tensor(self.theta))
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """`z - 2 n max(n·z, 0)` with the normals `n = (sin(θ/2), -cos(θ/2))` of the lines, by two Dense layers.

        A choice between two formulas would jump at the line, where their roundings differ, and have no constant.
        """
        half = 0.5 * np.asarray(ops.convert_to_numpy(self.theta), np.float64)
        normals = np.concatenate([np.diag(np.sin(half)), -np.diag(np.cos(half))])
        common = {"use_bias": False, "dtype": self.dtype_policy}
        into = keras.layers.Dense(len(half), activation="relu", name=f"{self.name}_into", **common)
        back = keras.layers.Dense(2 * len(half), name=f"{self.name}_back", **common)
        outputs = inputs - back(into(inputs))
        into.set_weights([normals])
        back.set_weights([2.0 * normals.T])
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
            "theta_initializer": keras.initializers.serialize(self.theta_initializer)
            if self.theta_initializer is not None
            else None,
        }
