"""Which layers keep the Lipschitz constant of a model known."""

from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild.layers.activation_bounds import layer_gain
from lipbuild.layers.lipschitz_layer import LipschitzLayer

_kl = keras.layers
_NON_EXPANSIVE = (
    _kl.InputLayer,
    _kl.Flatten,
    _kl.Reshape,
    _kl.Permute,
    _kl.ZeroPadding1D,
    _kl.ZeroPadding2D,
    _kl.Cropping1D,
    _kl.Cropping2D,
    _kl.GlobalMaxPooling1D,
    _kl.GlobalMaxPooling2D,
    _kl.Average,
)


def gain(layer: Any, input_shape: Any = None) -> float | None:
    """The Lipschitz constant of a layer in L2, or None where it is not known to be finite.

    Layers that behave differently in training, as Dropout does, and those whose constant their weights
    decide, as Dense, are not known.
    """
    if isinstance(layer, LipschitzLayer):
        return layer.lipschitz_bound(input_shape)
    if isinstance(layer, _NON_EXPANSIVE):
        return 1.0
    if isinstance(layer, (_kl.MaxPooling1D, _kl.MaxPooling2D)):
        size = layer.pool_size if isinstance(layer.pool_size, (tuple, list)) else (layer.pool_size,)
        strides = layer.strides if isinstance(layer.strides, (tuple, list)) else (layer.strides,)
        return math.sqrt(math.prod(math.ceil(p / s) for p, s in zip(size, strides, strict=True)))
    return layer_gain(layer)


def is_non_expansive(layer: Any) -> bool:
    """Whether a model may hold this layer without losing its constant."""
    if isinstance(layer, LipschitzLayer):
        return True
    value = gain(layer)
    return value is not None and value <= 1.0


def warning_for(layer: Any, model: str) -> str:
    """What to say of a layer that a model should not hold."""
    value = gain(layer)
    reason = "has no known Lipschitz constant" if value is None else f"has the Lipschitz constant {value:g}"
    return f"{model} contains the layer {layer.name!r} ({type(layer).__name__}), which {reason}: its own is not kept."
