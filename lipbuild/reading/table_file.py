from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from lipbuild.reading.file import as_written, read_text

Rows = tuple[Mapping[str, str], ...]


def read_table(path: Path, remedy: str = "") -> Rows:
    """The rows of a CSV file that lipbuild wrote, each by the names in its first line.

    Args:
        path: The file.
        remedy: What to do where it cannot be read.

    Raises:
        UnusableError: It cannot be read, or is not such a file.
    """
    text = read_text(path, remedy)
    with as_written(path, remedy):
        try:
            rows = tuple(csv.DictReader(io.StringIO(text, newline="")))
        except csv.Error as error:
            raise ValueError(str(error)) from None
        if any(None in row or None in row.values() for row in rows):
            raise ValueError("a row has more or fewer cells than the header")
        return rows
