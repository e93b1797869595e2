"""Layers under deel-lip's registered names that keep the kernel that they apply beside the one they train.

Written for these tests: what counts is the file, in which deel-lip's Keras 3 branch names that kernel `wbar`.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops


class Applied:
    """Keeps `wbar`: the orthogonalised kernel, off its constraint by `excess`, times `factor`."""

    factor = 1.0
    excess = 1.0

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        kernel = np.asarray(self.kernel)
        u, _, v = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), full_matrices=False)
        wbar = (u @ v).reshape(kernel.shape) * self.factor * self.excess * self.k_coef_lip
        self.wbar = keras.Variable(wbar, trainable=False, name="wbar")

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        store["wbar"] = np.asarray(self.wbar)

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)
        self.wbar.assign(store["wbar"])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k_coef_lip": self.k_coef_lip, "eps_bjorck": 1e-3}


@keras.saving.register_keras_serializable("deel-lip", "SpectralDense")
class SpectralDense(Applied, keras.layers.Dense):
    excess = 1.0003

    def __init__(self, *args: Any, k_coef_lip: float = 1.0, eps_bjorck: Any = None, **kwargs: Any) -> None:
        self.k_coef_lip = k_coef_lip
        super().__init__(*args, **kwargs)

    def call(self, inputs: Any) -> Any:
        outputs = ops.matmul(inputs, self.wbar) + self.bias
        return outputs if self.activation is None else self.activation(outputs)


@keras.saving.register_keras_serializable("deel-lip", "SpectralConv2D")
class SpectralConv2D(Applied, keras.layers.Conv2D):
    factor = 1.1 / math.sqrt(9)

    def __init__(self, *args: Any, k_coef_lip: float = 1.0, eps_bjorck: Any = None, **kwargs: Any) -> None:
        self.k_coef_lip = k_coef_lip
        super().__init__(*args, padding="same", **{k: v for k, v in kwargs.items() if k != "padding"})

    def call(self, inputs: Any) -> Any:
        return ops.conv(inputs, self.wbar, strides=list(self.strides), padding="same") + self.bias


@keras.saving.register_keras_serializable("deel-lip", "GroupSort2")
class GroupSort2(keras.layers.Layer):
    def call(self, inputs: Any) -> Any:
        shape = inputs.shape
        pairs = ops.reshape(inputs, (-1, *shape[1:-1], shape[-1] // 2, 2))
        return ops.reshape(ops.sort(pairs, axis=-1), (-1, *shape[1:]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": 2, "k_coef_lip": 1.0, "data_format": "channels_last"}


@keras.saving.register_keras_serializable("deel-lip", "Householder")
class Householder(keras.layers.Layer):
    """Reflects pairs of halves; its coefficient multiplies nothing."""

    def build(self, input_shape: Any) -> None:
        self.theta = self.add_weight(
            name="theta",
            shape=(input_shape[-1] // 2,),
            initializer=keras.initializers.RandomUniform(0.5, 2.5),
        )

    def call(self, inputs: Any) -> Any:
        a, b = ops.split(inputs, 2, axis=-1)
        half = 0.5 * self.theta
        outside = a * ops.sin(half) - b * ops.cos(half) > 0
        c, s = ops.cos(self.theta), ops.sin(self.theta)
        return ops.concatenate(
            [ops.where(outside, a * c + b * s, a), ops.where(outside, a * s - b * c, b)], -1
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k_coef_lip": 2.0, "theta_initializer": None}
