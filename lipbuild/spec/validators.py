"""What a type of a config may carry within `Annotated`, under pydantic's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class BeforeValidator:
    """Brings a value into the form that its type takes; raises ValueError where there is none."""

    function: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class AfterValidator:
    """Looks at a value of the right type; raises ValueError where it cannot be used."""

    function: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class OneOf:
    """A text that is one of several names.

    Attributes:
        what: What is named, in words for a message.
        names: The names.
    """

    what: str
    names: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class WithJsonSchema:
    """The JSON Schema of a type that a validator reads in several forms."""

    schema: dict[str, Any]


def model_validator(*, mode: str) -> Callable[[F], F]:
    """Marks a method that looks at a whole section after its keys; it raises ValueError where they do not fit."""
    if mode != "after":
        raise ValueError(f"a section is looked at after its keys, and this says {mode!r}")

    def mark(method: F) -> F:
        method.validates = True  # type: ignore[attr-defined]
        return method

    return mark
