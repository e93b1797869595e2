"""The keys of a section: what each takes, its default, its meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()


class FieldInfo:
    """One key of a section.

    Attributes:
        annotation: The type of its value, without `Annotated`.
        metadata: What `Annotated` says of it besides.
        default: Its default, or REQUIRED.
        default_factory: Makes its default, where that is a list or a section.
        description: Its meaning, in a sentence.
        limits: The limits of its value, by the names of `Field`'s arguments.
    """

    __slots__ = ("annotation", "default", "default_factory", "description", "limits", "metadata")

    annotation: Any
    metadata: tuple[Any, ...]

    def __init__(
        self,
        default: Any,
        default_factory: Callable[[], Any] | None,
        description: str,
        limits: dict[str, Any],
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.description = description
        self.limits = limits

    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is REQUIRED and self.default_factory is None

    def get_default(self, *, call_default_factory: bool = True) -> Any:
        """Its default; a new one each time where it is made, and None where that is not asked for."""
        if self.default_factory is not None:
            return self.default_factory() if call_default_factory else None
        return self.default


def Field(  # noqa: N802
    default: Any = REQUIRED,
    *,
    default_factory: Callable[[], Any] | None = None,
    description: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """A key of a section; within `Annotated`, the limits of a type.

    The arguments are pydantic's: a default (required where there is none), `default_factory` where it is a list
    or a section, the meaning in a sentence, limits of a number (`ge`, `gt`, `le`, `lt`), of the length of a list
    or a text, and a regular expression that a text must match.
    """
    given = {
        "ge": ge,
        "gt": gt,
        "le": le,
        "lt": lt,
        "min_length": min_length,
        "max_length": max_length,
        "pattern": pattern,
    }
    limits = {name: limit for name, limit in given.items() if limit is not None}
    return FieldInfo(default, default_factory, description, limits)
