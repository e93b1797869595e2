from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lipbuild.text.span import Span


@dataclass(frozen=True)
class Edit:
    """Replace the characters of a span by another text; everything else stays as it is."""

    span: Span
    replacement: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text
