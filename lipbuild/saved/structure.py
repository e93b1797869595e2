from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lipbuild.errors import RefusedError

# What is shown in messages and tables, and must not break their lines.
_SHOWN = ("name", "class_name", "registered_name", "module")
_LONGEST_NAME = 1000


def check_structure(config: Any, name: str) -> None:
    """What is said of a model is an object with a class and a configuration, and so is each layer, with its name.

    Args:
        config: What is said of the model.
        name: The file's name.

    Raises:
        RefusedError: It is something else, or a name in it cannot be shown.
    """
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        raise RefusedError(f"{name} holds no model configuration")
    for part in objects_in(config):
        for key in _SHOWN:
            shown = part.get(key)
            if isinstance(shown, str) and not (shown.isprintable() and len(shown) <= _LONGEST_NAME):
                raise RefusedError(f"{name} holds the {key} {shown!r:.60}, which cannot be shown")
    left = [config]
    while left:
        part = left.pop()
        layers = part["config"].get("layers", [])
        if not isinstance(part.get("class_name"), str) or not isinstance(layers, list):
            raise RefusedError(f"{name} holds a model without a class or a list of layers")
        for layer in layers:
            inner = layer.get("config") if isinstance(layer, dict) else None
            if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
                raise RefusedError(f"{name} holds a layer without a configuration and a name")
            if not isinstance(layer.get("class_name"), str):
                raise RefusedError(f"{name} does not say the class of the layer `{inner['name']}`")
            if not isinstance(layer.get("inbound_nodes", []), list):
                raise RefusedError(f"{name} does not say what `{inner['name']}` is called on")
            if "layers" in inner:
                left.append(layer)


def objects_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """All JSON objects within a value, itself among them, however deep."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left.extend(part)
        elif isinstance(part, Mapping):
            left.extend(part.values())
            yield part
