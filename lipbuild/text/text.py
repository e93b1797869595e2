from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import field
from pathlib import Path

from lipbuild.frozen import dataclass

_LINE_BREAK = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, eq=False)
class SourceText:
    """A text that the user wrote: a config file, standard input, or one `--set` option.

    Attributes:
        name: What the user calls it, as it is shown in messages (`config.yaml`, `--set`).
        text: Its characters. Offsets everywhere in lipbuild count these.
        path: Where it lies, when it is a file; relative paths inside it start from its folder.
    """

    name: str
    text: str = field(repr=False)
    path: Path | None = None
    _starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]
        object.__setattr__(self, "_starts", starts)

    @property
    def folder(self) -> Path:
        """The folder from which relative paths in this text start."""
        return self.path.parent if self.path is not None else Path()

    @property
    def line_count(self) -> int:
        """The number of lines, at least 1."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a character's offset."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line break."""
        return self.text[self.line_start(number) : self.line_end(number)]

    def line_start(self, number: int) -> int:
        """The offset at which a 1-based line starts."""
        return self._starts[number - 1]

    def line_end(self, number: int) -> int:
        """The offset at which a 1-based line ends, before its line break."""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        while end > self._starts[number - 1] and self.text[end - 1] in "\r\n":
            end -= 1
        return end
