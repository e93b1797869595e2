"""Plain models that compute in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def in_float64(plain: keras.Model) -> keras.Model:
    """A model of built-in layers with the same weights that computes in float64.

    It is the function whose float32 rounding is served: the numbers of its configuration, such as the slope of a
    `LeakyReLU` or the epsilon of a `BatchNormalization`, are rounded to float32 as they are there.

    Args:
        plain: a Sequential or functional model of built-in Keras layers in float32.
    """
    twin: keras.Model = type(plain).from_config(_with_float64(plain.get_config()))
    twin.set_weights(plain.get_weights())
    for layer in twin._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.MaxPooling3D):
            layer.call = _max_pooling3d(layer)
        if isinstance(layer, keras.layers.Normalization):
            # What it computes with follows its weights only when it is told.
            layer.finalize_state()
            # The deviation is at least Keras's epsilon, which is rounded to float32 as well.
            smallest = float(np.float32(keras.config.epsilon()))
            layer.variance = keras.ops.maximum(layer.variance, smallest**2)
    return twin


def _max_pooling3d(layer: Any) -> Callable[[Any], Any]:
    """Pooling along two axes, then along the third: TensorFlow has none in float64 along three."""

    def call(x: Any) -> Any:
        d, h, w, c = x.shape[1:]
        (depth, *sizes), (step, *steps) = layer.pool_size, layer.strides
        x = keras.ops.reshape(x, (-1, h, w, c))
        x = keras.ops.max_pool(x, sizes, steps, layer.padding)
        h, w = x.shape[1:3]
        x = keras.ops.reshape(x, (-1, d, h * w, c))
        x = keras.ops.max_pool(x, (depth, 1), (step, 1), layer.padding)
        return keras.ops.reshape(x, (-1, x.shape[1], h, w, c))

    return call


def _with_float64(config: Any) -> Any:
    """A serialised model whose layers compute in float64 where they computed in float32, with the same numbers."""
    if isinstance(config, dict):
        return {key: _with_float64(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(_with_float64(value) for value in config)
    if isinstance(config, float):
        with np.errstate(over="ignore"):
            return float(np.float32(config))
    return "float64" if isinstance(config, str) and config == "float32" else config
