"""Which activations a constrained layer may apply itself: those known to be 1-Lipschitz."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lipbuild.layers.lipschitz_layer import LipschitzLayer
from lipbuild.network.activations import ALLOWED

NON_EXPANSIVE = frozenset(ALLOWED)
"""Keras's activation functions with a constant of at most 1 in L2, at their default arguments."""


def layer_gain(layer: Any) -> float | None:
    """The Lipschitz constant of an activation layer, or None where it is unknown."""
    kl = keras.layers
    if isinstance(layer, LipschitzLayer):
        return layer.lipschitz_bound()
    if isinstance(layer, kl.ReLU):
        # A threshold other than 0 makes the function jump.
        return max(1.0, abs(float(layer.negative_slope))) if layer.threshold == 0 else None
    if isinstance(layer, kl.LeakyReLU):
        return max(1.0, abs(float(layer.negative_slope)))
    if isinstance(layer, kl.ELU):
        return max(1.0, abs(float(layer.alpha)))
    if isinstance(layer, kl.Softmax):
        return 0.5
    if isinstance(layer, kl.Activation):
        return 1.0 if function_is_non_expansive(layer.activation) else None
    if isinstance(layer, kl.PReLU) and isinstance(layer.alpha_constraint, keras.constraints.Constraint):
        return getattr(layer.alpha_constraint, "lipschitz_bound", None)
    return None


def function_is_non_expansive(function: Any) -> bool:
    """Whether this is one of Keras's own activation functions that are 1-Lipschitz."""
    name = getattr(function, "__name__", None)
    return name in NON_EXPANSIVE and getattr(keras.activations, name, None) is function


def check_activation(activation: Any, owner: str) -> Callable[[Any], Any] | None:
    """The activation as a callable (None where there is none).

    Args:
        activation: None, a name, one of Keras's functions, an activation layer, or the configuration of one.
        owner: Name of the class that applies it, for the message.

    Raises:
        ValueError: Its Lipschitz constant is above 1 or unknown.
    """
    if activation is None:
        return None
    function = activation
    if isinstance(activation, dict):
        function = keras.saving.deserialize_keras_object(activation)
    elif isinstance(activation, str):
        function = keras.activations.get(activation)
    if isinstance(function, keras.layers.Layer):
        gain = layer_gain(function)
        accepted = gain is not None and gain <= 1.0
    else:
        accepted = function_is_non_expansive(function)
    if not accepted:
        raise ValueError(
            f"{owner} applies its activation inside its Lipschitz constant, so it takes only activations "
            "whose constant is known to be at most 1. Put a GroupSort2() layer after it instead (it keeps the "
            f"gradient's norm), or use one of: {', '.join(sorted(NON_EXPANSIVE))}. "
            f"Received: activation={activation!r}"
        )
    return function


def serialize_activation(function: Any) -> Any:
    """The activation for a layer's configuration."""
    if isinstance(function, keras.layers.Layer):
        return keras.saving.serialize_keras_object(function)
    return keras.activations.serialize(function) if function is not None else None
