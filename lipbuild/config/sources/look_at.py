"""What a CSV file that nobody has described looks like."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Literal

from lipbuild.config.sources.cells import Fault, is_nothing, number_of, shown
from lipbuild.config.sources.table_header import (
    UTF16_MARKS,
    header_fault,
    length_fault,
    rows_of,
    size_fault,
)
from lipbuild.config.sources.tables import text_encoding
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.file import check_file, read_errors

# So much of the beginning is read.
_CHARACTERS, _ROWS = 2**22, 5000
# A column of text with more values than this is not one of categories.
MANY = 30

Kind = Literal["number", "category", "index", "constant", "other"]

_ID = re.compile(r"(.*[_ .-])?(id|ids|uuid|guid|key|index|idx|row|nr|no|number|name)", re.IGNORECASE)
_CAMEL_ID = re.compile(r".*[a-z](Id|ID|Index|Key)")
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class LookedAt:
    """A column by its first rows.

    Attributes:
        name: What the header calls it.
        kind: `number`; `category`, text with few values; `index`, which tells rows apart; `constant`; `other`.
        why: Why it can be no input, for `other`, and what to do.
        values: Its different texts, sorted.
        numbers: Its numbers.
        missing: How many of its cells are missing.
        first_missing: The line of the first of them, 0 where there is none.
    """

    name: str
    kind: Kind
    why: str
    values: Sequence[str]
    numbers: Sequence[float]
    missing: int
    first_missing: int


@dataclass(frozen=True)
class TableLook:
    """A table by its first rows.

    Attributes:
        encoding: How it is encoded.
        delimiter: What separates its columns.
        decimal: What stands before a fraction.
        columns: Its columns.
        rows: How many rows were read.
        is_whole: Whether these are all.
    """

    encoding: str
    delimiter: str
    decimal: Literal[".", ","]
    columns: Sequence[LookedAt]
    rows: int
    is_whole: bool


def look_at(path: Path) -> TableLook:
    """What the first rows of a table look like.

    Args:
        path: The file.

    Raises:
        UnusableError: It cannot be read.
        RefusedError: It is not a table with a header.
    """
    text, encoding, is_whole = _beginning(path)
    lines = [line for line in StringIO(text, newline="") if line.strip()]
    if "\0" in text:
        raise UnusableError(
            f"{path}: it has NUL bytes, and is not a text", "save it as CSV from the program that wrote it"
        )
    if len(lines) < 2:
        raise RefusedError(f"{path}: {size_fault(len(lines))}")
    try:
        delimiter = max(_DELIMITERS, key=lambda one: _widths(lines, one))
        rows = list(islice(rows_of(StringIO(text, newline=""), delimiter), _ROWS + 1))
        is_whole = is_whole and len(rows) <= _ROWS
    except csv.Error as error:
        raise UnusableError(f"{path}: it cannot be read as a table: {error}") from None
    (_, header), body = rows[0], rows[1:]
    header = [name.strip() for name in header]
    if (fault := header_fault(header)) is not None:
        raise RefusedError(f"{path}:1: {fault[0]}", fault[1])
    for line, row in body:
        if len(row) != len(header):
            message, remedy = length_fault(row, len(header))
            raise RefusedError(f"{path}:{line}: {message}", remedy)
    decimal: Literal[".", ","] = "."
    cells = [cell.strip() for _, row in body[:200] for cell in row]
    commas = sum(1 for cell in cells if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", cell))
    if delimiter != "," and commas > sum(1 for cell in cells if re.fullmatch(r"[-+]?[0-9]+\.[0-9]+", cell)):
        decimal = ","
    columns = [
        _looked_at(path, name, [(line, row[place].strip()) for line, row in body], decimal)
        for place, name in enumerate(header)
    ]
    return TableLook(encoding, delimiter, decimal, columns, len(body), is_whole)


def _beginning(path: Path) -> tuple[str, str, bool]:
    """The first whole lines of a file, its encoding, and whether they are all."""
    check_file(path, "`--data` names the table")
    with read_errors(path):
        with path.open("rb") as file:
            wide = file.read(2) in UTF16_MARKS
        for encoding in ("utf-16",) if wide else ("utf-8", "cp1252"):
            try:
                with path.open(encoding=text_encoding(encoding), newline="") as opened:
                    text = opened.read(_CHARACTERS)
                    if len(text) < _CHARACTERS:
                        return text, encoding, True
                    return text + opened.readline(), encoding, False
            except UnicodeError:
                continue
    raise UnusableError(f"{path}: it is not a text in UTF-8, UTF-16 or Windows-1252")


def _widths(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """How many columns a delimiter makes of each of the first lines, 0 where they differ; and of the header."""
    widths = [len(row) for row in csv.reader(lines[:20], delimiter=delimiter) if row]
    return widths[0] if len(set(widths)) == 1 and widths[0] > 1 else 0, widths[0]


def _looked_at(path: Path, name: str, cells: Sequence[tuple[int, str]], decimal: str) -> LookedAt:
    there = [(line, cell) for line, cell in cells if not is_nothing(cell)]
    missing = len(cells) - len(there)
    first = next((line for line, cell in cells if is_nothing(cell)), 0)
    known = {cell: number_of(cell, decimal) for _, cell in there}
    numbers = [one for _, cell in there if isinstance(one := known[cell], float)]
    values = sorted({cell for _, cell in there})

    def looked(kind: Kind, why: str = "") -> LookedAt:
        return LookedAt(name, kind, why, values, numbers, missing, first)

    if not there:
        return looked("other", "it is empty")
    if len(numbers) == len(there):
        if len(values) == 1 and not missing:
            return looked("constant")
        counts = all(one == numbers[0] + i for i, one in enumerate(numbers)) and numbers[0] in (0.0, 1.0)
        apart = len(set(numbers)) == len(numbers) and all(one.is_integer() for one in numbers)
        if not name or (len(cells) > 2 and (counts or (apart and _is_id(name)))):
            return looked("index")
        return looked("number")
    odd = [(line, cell, fault) for line, cell in there if isinstance(fault := known[cell], Fault)]
    line, cell, fault = odd[0]
    if (
        2 * len(odd) < len(there)
        or fault.kind == "malformed"
        or fault.reason.startswith(("is a date", "is a number"))
    ):
        return looked("other", f"{path.name}:{line} has {shown(cell)}, which {fault.reason}: {fault.remedy}")
    # In a column of text `none` may be a name.
    values = sorted({cell for _, cell in cells if cell})
    missing = sum(1 for _, cell in cells if not cell)
    first = next((line for line, cell in cells if not cell), 0)
    if len(values) == 1 and not missing:
        return looked("constant")
    if len(values) > min(MANY, max(2, len(there) // 2)):
        return looked(
            "index" if len(values) == len(there) or _is_id(name) else "other", "text of many values"
        )
    return looked("category")


def _is_id(name: str) -> bool:
    return _ID.fullmatch(name) is not None or _CAMEL_ID.fullmatch(name) is not None
