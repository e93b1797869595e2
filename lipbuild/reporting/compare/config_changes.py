from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lipbuild.config.dump import flow

_ABSENT = object()


def config_changes(values: Sequence[Any], path: str = "") -> Iterator[tuple[str, ...]]:
    """What is not the same in all of several configs, as far down as they have the same shape.

    Args:
        values: The configs, or the same part of each.
        path: Where that part stands.

    Yields:
        The place, such as `train.epochs` or `model.layers[2]`, and what each config has there in YAML.
    """
    if all(value == values[0] for value in values[1:]):
        return
    if all(isinstance(value, Mapping) for value in values):
        keys = list(dict.fromkeys(key for value in values for key in value))
        # Layers and losses are mappings of one key, their class: those of two classes are two things.
        if len(keys) == 1 or any(len(value) != 1 for value in values):
            for key in keys:
                parts = [value.get(key, _ABSENT) for value in values]
                yield from config_changes(parts, f"{path}.{key}" if path else str(key))
            return
    if all(isinstance(value, list) for value in values) and any(
        isinstance(part, (Mapping, list)) for value in values for part in value
    ):
        for i in range(max(map(len, values))):
            parts = [value[i] if i < len(value) else _ABSENT for value in values]
            yield from config_changes(parts, f"{path}[{i}]")
        return
    yield (path, *("" if value is _ABSENT else flow(value) for value in values))
