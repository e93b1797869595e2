from __future__ import annotations

from dataclasses import dataclass

from lipbuild.source.span import Span


@dataclass(frozen=True)
class Edit:
    """Replace the characters of a span by another text; everything else stays as it is."""

    span: Span
    replacement: str

    def apply(self) -> str:
        """The whole text after the edit."""
        text = self.span.source.text
        return text[: self.span.start] + self.replacement + text[self.span.end :]
