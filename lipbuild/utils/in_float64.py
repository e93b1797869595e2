"""Plain models that compute in float64."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def in_float64(plain: keras.Model) -> keras.Model:
    """A model of built-in layers with the same weights that computes in float64.

    Args:
        plain: a Sequential or functional model of built-in Keras layers in float32. Its options keep the values that
            they have in float32.
    """
    twin: keras.Model = type(plain).from_config(_with_float64(plain.get_config()))
    twin.set_weights(plain.get_weights())
    for layer in twin._flatten_layers(include_self=False):
        # What it computes with follows its weights only when it is told.
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return twin


def _with_float64(config: Any) -> Any:
    """A serialised model whose layers compute in float64 where they computed in float32."""
    if isinstance(config, dict):
        return {key: _with_float64(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(_with_float64(value) for value in config)
    if isinstance(config, float):
        with np.errstate(over="ignore"):
            return float(np.float32(config))
    return "float64" if config == "float32" else config
