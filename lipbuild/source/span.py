from __future__ import annotations

from dataclasses import dataclass

from lipbuild.source.text import SourceText


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of characters in a source text: `text[start:end]`."""

    source: SourceText
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> str:
        """`name:line:column` of the first character."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"
