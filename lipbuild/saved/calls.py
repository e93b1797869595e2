"""What a saved functional model says of the calls of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A layer's call and the number of its result.
Tensor = tuple[str, int, int]


def histories(value: Any) -> list[Tensor]:
    """The calls whose results are read, in order: positional arguments, then those by name, names sorted."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, index, number = value["config"]["keras_history"]
            return [(str(name), int(index), int(number))]
        return [history for key in sorted(value) for history in histories(value[key])]
    if isinstance(value, (list, tuple)):
        return [history for item in value for history in histories(item)]
    return []


def ends_of(value: Any) -> list[Tensor]:
    """The tensors that a model has as its inputs or outputs, however they are arranged."""
    if isinstance(value, Mapping):
        return [end for key in sorted(value) for end in ends_of(value[key])]
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], str):
        name, index, number = value
        return [(str(name), int(index), int(number))]
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{value!r:.80} among the inputs or outputs of a model")
    return [end for item in value for end in ends_of(item)]
