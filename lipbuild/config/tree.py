"""A config as Python has it: mappings, lists, text and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.config.dump import written
from lipbuild.errors import UnusableError
from lipbuild.text.nodes import PlainValue
from lipbuild.text.parse import MAX_DEPTH, MAX_NODES
from lipbuild.text.written import WrittenText


def tree_text(tree: Mapping[str, Any]) -> WrittenText:
    """A config that was built in Python, with the YAML text that shows it. Reading that gives the same values.

    Args:
        tree: Keys and values as a config has them. Tuples are written as lists, NumPy's numbers as numbers.

    Raises:
        UnusableError: A key is not text, a value is of a type that a config does not have, or there are too many.
    """
    return written("config", _Plain().mapping(tree, "", 0))


class _Plain:
    """The values of a config in the types that the reader of a text gives them."""

    def __init__(self) -> None:
        self.count = 0

    def value(self, value: Any, path: str, depth: int) -> PlainValue:
        self.grow(depth)
        if hasattr(value, "item") and getattr(value, "shape", None) == ():
            value = value.item()
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise UnusableError(f"`{path}` is {value}, and a config has finite numbers")
            return float(value)
        if isinstance(value, str):
            # In a text `${` would start a variable.
            return _text(value, path).replace("${", "$${")
        if isinstance(value, Mapping):
            return self.mapping(value, path, depth)
        if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
            return [self.value(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
        raise UnusableError(
            f"`{path}` is a {type(value).__name__}, and a config has mappings, lists, text and numbers"
        )

    def mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, PlainValue]:
        found: dict[str, PlainValue] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise UnusableError(f"the key {key!r} in `{path or 'the config'}` is not text")
            self.grow(depth)
            name = _text(key, path or "the config")
            found[name] = self.value(item, f"{path}.{name}" if path else name, depth + 1)
        return found

    def grow(self, depth: int) -> None:
        """Count values; a list that holds itself never ends."""
        self.count += 1
        if self.count > MAX_NODES:
            raise UnusableError(f"the config has more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            raise UnusableError(f"the config has values that are nested more than {MAX_DEPTH} levels deep")


def _text(value: str, path: str) -> str:
    """Text without what no file can hold."""
    plain = str.__str__(value)
    if any("\ud800" <= character <= "\udfff" for character in plain):
        raise UnusableError(f"`{path}` has a character that is not Unicode: {plain!a:.100}")
    return plain
