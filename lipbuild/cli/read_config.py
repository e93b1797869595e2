from __future__ import annotations

import sys
from pathlib import Path

from lipbuild.text.load import MAX_BYTES, decode, read
from lipbuild.text.text import SourceText


def read_config(path: Path) -> SourceText:
    """The text of a config; `-` is standard input, whose relative paths start from the working directory.

    Raises:
        SourceError: There is no such file, it cannot be read, or it is not UTF-8.
    """
    if str(path) != "-":
        return read(path)
    return decode("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))
