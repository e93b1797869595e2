"""A config as Python has it: mappings, lists, text and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from lipbuild.config.dump import Key, YamlDumper
from lipbuild.errors import UnusableError


def tree_text(tree: Mapping[str, Any]) -> str:
    """The YAML text of a config that was built in Python. Reading it gives the same values.

    Args:
        tree: Keys and values as a config has them. Tuples are written as lists, NumPy's numbers as numbers.

    Raises:
        UnusableError: A key is no text, or a value is of a type that a config does not have.
    """
    text: str = yaml.dump(
        _plain(tree, ""),
        Dumper=YamlDumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=None,
    )
    return text


def _plain(value: Any, path: str) -> Any:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnusableError(f"`{path}` is {value}, and a config has finite numbers")
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise UnusableError(f"the key {key!r} in `{path or 'the config'}` is no text")
        return {Key(key): _plain(item, f"{path}.{key}" if path else key) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
    raise UnusableError(
        f"`{path}` is a {type(value).__name__}, and a config has mappings, lists, text and numbers"
    )
