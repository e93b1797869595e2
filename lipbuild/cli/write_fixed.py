"""Writing a fixed config back, or showing what would be written."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from pathlib import Path

from lipbuild.diagnostics.palette import Palette
from lipbuild.errors import UnusableError
from lipbuild.text.text import SourceText

_MARK = b"\xef\xbb\xbf"


def write_fixed(path: Path, source: SourceText) -> None:
    """Put a text in a file's place: whole or not at all, its permissions and its byte order mark kept.

    Raises:
        UnusableError: The file cannot be written.
    """
    target = path.resolve()
    try:
        old = target.read_bytes()
        data = source.text.encode("utf-8")
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + data if old.startswith(_MARK) else data)
            Path(temporary).chmod(target.stat().st_mode & 0o777)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be written: {error.strerror or error}") from None


def show_diff(before: SourceText, after: SourceText) -> None:
    """Print the difference of two texts as a unified diff."""
    palette = Palette.for_stream(sys.stdout)
    old, new = before.text.splitlines(keepends=True), after.text.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, before.name, before.name):
        color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        print(palette.paint(line.rstrip("\r\n"), color))
