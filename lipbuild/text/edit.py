from __future__ import annotations

from collections.abc import Iterable

from lipbuild.frozen import dataclass
from lipbuild.text.span import Span


@dataclass(frozen=True)
class Edit:
    """Replace the characters of a span by another text; everything else stays as it is."""

    span: Span
    replacement: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap."""
    parts: list[str] = []
    end = len(text)
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        parts += (text[edit.span.end : end], edit.replacement)
        end = edit.span.start
    return text[:end] + "".join(reversed(parts))
