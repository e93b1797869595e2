"""Objects that a configuration says are one and the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.statement import same


def check_identities(config: Mapping[str, Any]) -> None:
    """Of objects that share a `shared_object_id`, Keras makes one, the first: all must be the same.

    The numbers are no part of the digest, since every save has others.

    Raises:
        RefusedError: If two objects differ, or an identity is no number.
    """
    first: dict[int, Any] = {}
    waiting: list[Any] = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if "shared_object_id" in value:
                identity = value["shared_object_id"]
                if type(identity) is not int or not same(first.setdefault(identity, value), value):
                    raise RefusedError("config.json", f"two objects share the identity {identity!r:.40}")
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def check_layers(config: Mapping[str, Any]) -> None:
    """No two of them are layers of models: Keras stores the weights of such a layer once, and counts its calls on.

    Raises:
        RefusedError: If one layer stands in two models.
    """
    seen: set[Any] = set()
    models: list[Any] = [config["config"]["layers"]]
    while models:
        for layer in models.pop():
            identity = layer.get("shared_object_id")
            if identity is not None and identity in seen:
                raise RefusedError(layer["config"]["name"], "is one layer of two models")
            seen.add(identity)
            inner = layer["config"].get("layers")
            if isinstance(inner, list):
                models.append(inner)
