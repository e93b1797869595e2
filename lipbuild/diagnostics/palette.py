from __future__ import annotations

import os
from typing import TextIO

from lipbuild.frozen import dataclass

_CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


@dataclass(frozen=True)
class Palette:
    """Colours for a terminal, or none.

    Attributes:
        enabled: Whether `paint` colours at all.
    """

    enabled: bool

    @classmethod
    def for_stream(cls, stream: TextIO) -> Palette:
        """Colours where the stream is a terminal that has them; `NO_COLOR` and `FORCE_COLOR` decide first."""
        if os.environ.get("NO_COLOR"):
            return cls(enabled=False)
        if os.environ.get("FORCE_COLOR"):
            return cls(enabled=True)
        return cls(enabled=stream.isatty() and os.environ.get("TERM") != "dumb")

    def paint(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        """The text in a colour, where colours are on."""
        codes = [c for c in ("1" if bold else "", _CODES[color] if color else "") if c]
        if not self.enabled or not codes:
            return text
        return f"\033[{';'.join(codes)}m{text}\033[0m"
