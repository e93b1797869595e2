from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.printable import printable_lines

# Colours but no concealing, and the beginning of a line or of the screen, as lipbuild writes them.
_STEERING = r"((?:\r\x1b\[2K)+|\x1b\[2J\x1b\[H|\x1b\[(?![\d;]*(?<!\d)8(?!\d))[\d;]*m)"


class _Shown:
    """A stream on which nothing that stands in data, a config or a file name steers the terminal.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write a text with its control characters as visible signs; colours pass where the stream has them."""
        if not text.isprintable():
            if "\x1b" in text and (self.stream.isatty() or Palette.for_stream(self.stream).enabled):
                parts = re.split(_STEERING, text)
                parts[::2] = map(printable_lines, parts[::2])
                text = "".join(parts)
            else:
                text = printable_lines(text)
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def shown_output() -> Iterator[None]:
    """While it is entered, what is printed steers no terminal."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = mine = tuple(cast(TextIO, _Shown(stream)) for stream in before)
    try:
        yield
    finally:
        # Where somebody has put another stream in their place, it stays.
        sys.stdout = before[0] if sys.stdout is mine[0] else sys.stdout
        sys.stderr = before[1] if sys.stderr is mine[1] else sys.stderr


def write_verbatim(text: str) -> None:
    """Write a text to standard output that another program reads, as it is."""
    stream: Any = sys.stdout
    (stream.stream if isinstance(stream, _Shown) else stream).write(text)
