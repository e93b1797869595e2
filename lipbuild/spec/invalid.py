from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Location = tuple[str | int, ...]


class Invalid(NamedTuple):
    """One thing wrong with the values of a section.

    Attributes:
        loc: The key, and the way to the value inside it (`("radii", 2)`).
        code: What is wrong: `missing`, `type`, `number`, `range`, `length`, `choice`, `pattern`, `value`.
        message: In words that need no place: "is to be greater than 0".
        details: What a message for a config needs besides: `wanted`, `choices`, `limit`.
    """

    loc: Location
    code: str
    message: str
    details: Mapping[str, object] = {}


class InvalidError(ValueError):
    """The values do not make a section; `errors` says why, each once."""

    def __init__(self, name: str, errors: Sequence[Invalid]) -> None:
        self.errors = tuple(errors)
        said = "; ".join(f"{'.'.join(map(str, e.loc)) or name} {e.message}" for e in self.errors)
        super().__init__(f"{name}: {said}")
