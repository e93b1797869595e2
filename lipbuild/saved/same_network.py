from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lipbuild.saved.calls import ends_of

# Kernels that a layer computes come out a little different on another machine.
_ROUNDING = 4e-6
# What has no part in the function of a layer. Names are counted on in a process.
_NO_MATTER = frozenset({"name", "shared_object_id", "trainable", "seed"})
_NO_MATTER_ENDS = ("_initializer", "_regularizer", "_constraint")


def same_network(made: keras.Model, stored: keras.Model) -> bool:
    """Whether two functional models are one: the same layers, called alike, and the same numbers up to rounding.

    Args:
        made: A model.
        stored: Another.
    """
    if not _alike(_structure(made), _structure(stored)):
        return False
    for a, b in zip(made.get_weights(), stored.get_weights(), strict=True):
        size = float(np.max(np.abs(a), initial=0.0))
        if a.shape != b.shape or not np.all(np.abs(a - b) <= _ROUNDING * size):
            return False
    return True


def _structure(model: keras.Model) -> Any:
    """The configuration of a functional model without what its function does not depend on."""
    config = model.get_config()
    places = {layer["name"]: i for i, layer in enumerate(config["layers"])}

    def reduced(value: Any) -> Any:
        if isinstance(value, Mapping):
            kept = {k: v for k, v in value.items() if k not in _NO_MATTER and not k.endswith(_NO_MATTER_ENDS)}
            if "keras_history" in kept:
                name, *index = kept["keras_history"]
                kept["keras_history"] = [places[name], *index]
            return {k: reduced(v) for k, v in kept.items()}
        return [reduced(v) for v in value] if isinstance(value, (list, tuple)) else value

    ends = [ends_of(config[key]) for key in ("input_layers", "output_layers")]
    return [reduced(config["layers"]), [[[places[name], *index] for name, *index in end] for end in ends]]


def _alike(a: Any, b: Any, room: float = 0.0) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        numbers = [v for v in a if isinstance(v, float)]
        room = _ROUNDING * max(map(abs, numbers), default=0.0)
        return len(a) == len(b) and all(_alike(x, y, room) for x, y in zip(a, b))
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= max(room, _ROUNDING * abs(a))
    return bool(a == b)
