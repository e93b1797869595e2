"""What the beginning of a CSV table must be: its text, its header and its first rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from lipbuild.config.sources.cells import NUMBER, shown

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# As many rows as are looked at before anything is loaded.
_ROWS = 1000


class TableStart(NamedTuple):
    """What a CSV table begins with.

    Attributes:
        header: The names of its columns; empty where they cannot be read.
        rows: The first thousand rows that have its length, each with the number of its last line.
        fault: What keeps the table from being read as far as these show, with its place, and what to do.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    fault: tuple[str, str] | None


def table_start(path: Path, encoding: str, delimiter: str) -> TableStart:
    """Read the header and the first rows of a table.

    Args:
        path: The file, which is there.
        encoding: Its encoding, as `open` takes it.
        delimiter: What separates its columns.
    """
    header: list[str] = []
    try:
        with path.open(encoding=encoding, newline="") as file:
            rows = rows_of(file, delimiter)
            _, names = next(rows, (0, []))
            header = [name.strip() for name in names]
            found = list(islice(rows, _ROWS))
    except (OSError, ValueError, csv.Error) as error:
        return TableStart(header, [], unreadable(path, error))
    whole = [(line, row) for line, row in found if len(row) == len(header)]
    return TableStart(header, whole, _fault(path, header, found))


def _fault(
    path: Path, header: Sequence[str], rows: Sequence[tuple[int, list[str]]]
) -> tuple[str, str] | None:
    if not header:
        return f"{path}: {size_fault(0)}", ""
    if (fault := header_fault(header)) is not None:
        return f"{path}:1: {fault[0]}", fault[1]
    if not rows:
        return f"{path}: {size_fault(1)}", ""
    for line, row in rows:
        if len(row) != len(header):
            message, remedy = length_fault(row, len(header))
            return f"{path}:{line}: {message}", remedy
    return None


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with the numbers of their last lines; empty lines are not rows."""
    reader = csv.reader(lines, delimiter=delimiter)
    return ((reader.line_num, row) for row in reader if row)


def size_fault(lines: int) -> str:
    """What is wrong with a table of no or of one line."""
    return f"a table has a header and at least one row, and this {'has 1 line' if lines else 'is empty'}"


def unreadable(path: Path, error: Exception) -> tuple[str, str]:
    """What is wrong with a file that cannot be read as a table, and what to do."""
    remedy = encoding_remedy(path) if isinstance(error, UnicodeError) else ""
    return f"{path}: it cannot be read as a table: {error}", remedy


def encoding_remedy(path: Path) -> str:
    """What to do with a file whose text does not have the encoding that it was read in."""
    with path.open("rb") as file:
        wide = file.read(2) in UTF16_MARKS
    if wide:
        return "it looks like UTF-16: add `encoding: utf-16`"
    return "it looks like text of another encoding: add `encoding: cp1252`, or whatever it is"


def header_fault(header: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with a header and what to do; None where it names each column by itself.

    Args:
        header: The first row, without the spaces around its cells.
    """
    first = header[0] if header else ""
    if (excel := re.fullmatch(r"sep=(.?)", first, re.IGNORECASE)) and not any(header[1:]):
        others = f", and add `delimiter: {quoted(excel[1])}`" if excel[1] else ""
        return f"the first line is {shown(first)}, by which Excel is told the delimiter", f"remove it{others}"
    if first.startswith("#") and len(header) == 1:
        return f"the first line is {shown(first)}, and a table begins with the names of its columns", (
            "remove lines that are comments"
        )
    if _is_sample(header):
        return "the first row holds numbers, and a table begins with the names of its columns", (
            "write the names above it; whole numbers will do"
        )
    for name, times in Counter(header).items():
        if times > 1:
            places = [str(i + 1) for i, other in enumerate(header) if other == name]
            what = f"are called {shown(name)}" if name else "have no name"
            return f"the columns {', '.join(places[:-1])} and {places[-1]} {what}", (
                "give each column a name of its own"
            )
    if len(header) == 1:
        other = next((d for d in (";", "\t", ",", "|") if d in first), None)
        if other is not None:
            return f"there is a single column, {shown(first)}", (
                f"the columns look separated by {other!r}: add `delimiter: {quoted(other)}`"
            )
    return None


def quoted(delimiter: str) -> str:
    """A delimiter as YAML has it."""
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'


def _is_sample(header: Sequence[str]) -> bool:
    """Whether a first row holds values: a fraction is not a name, and no two columns have the same name."""
    numbers = [name for name in header if NUMBER.fullmatch(name)]
    fraction = any(not name.isdecimal() for name in numbers)
    return len(numbers) == len(header) and (fraction or len(set(numbers)) < len(numbers))


def length_fault(row: Sequence[str], width: int) -> tuple[str, str]:
    """What is wrong with a row of another length than the header, and what to do.

    Args:
        row: The row.
        width: How many columns the header has.
    """
    values = "1 value" if len(row) == 1 else f"{len(row)} values"
    message = f"this row has {values}, and the header {width}"
    if len(row) == width + 1 and not row[-1].strip():
        return (
            message,
            "it ends in a delimiter, and the header does not: remove these, or end the header in one too",
        )
    if len(row) > width and any(cell.strip()[-1:].isdigit() for cell in row):
        return message, (
            "if a comma separates the fraction, the file needs `decimal: ','` and another `delimiter`; a text "
            "that holds the delimiter needs quotes"
        )
    return message, "quote a text that holds the delimiter; remove lines that are not rows of the table"
