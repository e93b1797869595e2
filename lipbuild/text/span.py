from __future__ import annotations

import re
from dataclasses import dataclass

from lipbuild.text.text import SourceText


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of characters in a source text: `text[start:end]`."""

    source: SourceText
    start: int
    end: int

    def __repr__(self) -> str:
        """Where it is: the text around it is long to print."""
        return f"Span({self.place})"

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> str:
        """`name:line:column` of the first character."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def word(self, word: str) -> Span:
        """Where a word stands in it, as a whole word; all of it where the word does not, or in another form."""
        match = re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-]|\.\w)", self.text)
        if match is None:
            return self
        return Span(self.source, self.start + match.start(), self.start + match.end())
