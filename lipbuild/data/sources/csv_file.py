from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.cells import LARGEST_WHOLE, Fault, nothing, number_of, place_of, shown
from lipbuild.config.sources.tables import Csv, text_encoding
from lipbuild.data.raw import RawData
from lipbuild.data.sources.table import Bad, Columns, Table, load_table
from lipbuild.errors import RefusedError, UnusableError

# As much is parsed at a time, in bytes and in rows.
_BLOCK = 4 * 2**20
_ROWS = 4096
# What a block of plain numbers consists of besides delimiters.
_PLAIN = b"0123456789+-.eE\r\n"

# Numbers, (rows, columns), and a text a row for each further column.
_Piece = tuple[NDArray[np.floating], list[NDArray[np.str_]]]


def load_csv(spec: Csv, folder: Path, seed: int) -> RawData:
    """The rows of a table with a header.

    Raises:
        UnusableError: The file is missing or no text.
        RefusedError: A column is missing, a row has the wrong length, a feature is no number.
    """
    return load_table(spec, folder, lambda path, name: CsvTable(path, spec, f"data.source.csv.{name}"))


class CsvTable(Table):
    """A table of text.

    Args:
        path: The file.
        spec: How it is written.
        key: What names it, for a message.
    """

    def __init__(self, path: Path, spec: Csv | None = None, key: str = "") -> None:
        self.path = path
        self._delimiter = spec.delimiter if spec is not None else ","
        self._decimal = spec.decimal if spec is not None else "."
        self._spec = spec
        self._encoding = text_encoding(spec.encoding if spec is not None else "utf-8")
        try:
            with path.open("rb") as file:
                _, header = next(self._lines(file), (0, []))
        except FileNotFoundError:
            raise UnusableError(
                f"{path}: there is no such file", f"`{key}` names it" if key else ""
            ) from None
        except (OSError, UnicodeError, csv.Error) as error:
            raise self._unreadable(error) from None
        self.header = [name.strip() for name in header]
        self._check_header()

    def read(
        self,
        features: Sequence[str],
        others: Sequence[str],
        dtype: type = np.float32,
        filled: Collection[str] = (),
    ) -> tuple[NDArray[np.floating], Columns]:
        """See `Table.read`. Others are text, as it is written, without the spaces around it."""
        numeric = [self.header.index(name) for name in features]
        texts = [self.header.index(name) for name in others]
        blocks: list[NDArray[np.floating]] = []
        columns: list[list[NDArray[np.str_]]] = [[] for _ in texts]
        bad: dict[int, Bad] = {}
        gaps = _Gaps(self._spec, np.array([name in filled for name in features], bool))
        rows = 0
        try:
            with self.path.open("rb") as file:
                for numbers, strings in self._blocks(file, numeric, texts, gaps, bad):
                    rows += len(numbers)
                    if not bad:
                        blocks.append(numbers.astype(dtype, copy=False))
                        for column, string in zip(columns, strings):
                            column.append(string)
        except (OSError, UnicodeError, csv.Error) as error:
            raise self._unreadable(error) from None
        if bad:
            self.refuse(list(bad.values()))
        if not rows:
            raise RefusedError(f"{self.path}: a table has a header and at least one row, and this has 1 line")
        joined: Columns = {name: np.concatenate(column) for name, column in zip(others, columns)}
        return np.concatenate(blocks), joined

    def parse(self, cells: NDArray[np.generic]) -> NDArray[np.float64] | dict[str, float | Fault]:
        """See `Table.parse`."""
        values: list[str] = cells.tolist()
        plain = _plain_numbers(values, self._decimal)
        return plain if plain is not None else {cell: number_of(cell, self._decimal) for cell in set(values)}

    def texts(self, column: str) -> list[str]:
        """A column as it stands in the file."""
        texts: list[str] = self.read([], [column])[1][column].tolist()
        return texts

    def place(self, row: int, column: str) -> str:
        """Where a cell is: file:line:column."""
        with self.path.open("rb") as file:
            line, cells = next(islice(self._lines(file), row + 1, None))
        index = self.header.index(column)
        return place_of(self.path, self._encoding, self._delimiter, line, index, len(cells))

    def _blocks(
        self, file: IO[bytes], numeric: list[int], texts: list[int], gaps: _Gaps, bad: dict[int, Bad]
    ) -> Iterator[_Piece]:
        """The table in pieces. A piece of plain numbers is parsed by NumPy, any other cell by cell."""
        rows = 0
        header = file.readline()
        quick = self._encoding == "utf-8-sig" and self._decimal == "." and self._delimiter.isascii()
        if not quick or not header.strip() or b'"' in header or b"\r" in header.rstrip(b"\r\n"):
            file.seek(0)
            yield from self._slow(islice(self._lines(file), 1, None), numeric, texts, gaps, 0, bad)
            return
        while block := file.read(_BLOCK):
            block += file.readline()
            found = self._quick(block, numeric, texts, gaps)
            if found is not None:
                rows += len(found[0])
                yield found
            elif b'"' in block or b"\r" in block.replace(b"\r\n", b""):
                # A cell may have lines of its own: all that follows is read row by row.
                file.seek(-len(block), 1)
                yield from self._slow(self._lines(file), numeric, texts, gaps, rows, bad)
                return
            else:
                for piece in self._slow(self._lines(BytesIO(block)), numeric, texts, gaps, rows, bad):
                    rows += len(piece[0])
                    yield piece

    def _quick(self, block: bytes, numeric: list[int], texts: list[int], gaps: _Gaps) -> _Piece | None:
        """Whole lines as numbers and texts; None where anything about them is out of the ordinary."""
        delimiter = self._delimiter.encode()
        rest = block.translate(None, _PLAIN + delimiter)
        if b'"' in rest or b"\r" in block.replace(b"\r\n", b"") or b"\n\n" in block or b"\n\r" in block:
            return None
        try:
            characters = set(rest.decode())
        except UnicodeDecodeError:
            return None
        if block.startswith((b"\n", b"\r")) or not all(map(str.isprintable, characters)):
            return None
        codes = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(codes == ord("\n"))
        if not len(ends) or ends[-1] != len(codes) - 1:
            ends = np.append(ends, len(codes))
        delimiters = np.flatnonzero(codes == delimiter[0])
        width = len(self.header)
        if (np.diff(np.searchsorted(delimiters, ends), prepend=0) != width - 1).any():
            return None
        starts = np.zeros((len(ends), width), np.int64)
        starts[1:, 0] = ends[:-1] + 1
        starts[:, 1:] = delimiters.reshape(len(ends), width - 1) + 1
        if (b" " in rest or b"\t" in rest) or _leading_zeros(codes, starts[:, numeric]):
            return None
        text = block.decode()
        whole = text
        if gaps.filled.any() and _has_empty(codes, starts[:, numeric], delimiter):
            whole = _with_nan(text, self._delimiter)
        try:
            numbers = self._columns(whole, numeric, np.float64, len(ends))
            strings = [
                np.char.strip(self._columns(text, [index], np.str_, len(ends))[:, 0]) for index in texts
            ]
        except ValueError:
            return None
        gaps.mark(numbers)
        if len(numbers) != len(ends) or not ((np.abs(numbers) < LARGEST_WHOLE) | gaps.of(numbers)).all():
            return None
        return numbers, strings

    def _columns(self, text: str, columns: list[int], dtype: type, rows: int) -> NDArray[Any]:
        if not columns:
            return np.empty((rows, 0), dtype)
        found: NDArray[Any] = np.loadtxt(
            StringIO(text), dtype, comments=None, delimiter=self._delimiter, usecols=columns, ndmin=2
        )
        return found

    def _slow(
        self,
        lines: Iterator[tuple[int, list[str]]],
        numeric: list[int],
        texts: list[int],
        gaps: _Gaps,
        rows: int,
        bad: dict[int, Bad],
    ) -> Iterator[_Piece]:
        """Rows cell by cell. The first bad cell of each column is noted."""
        width = len(self.header)
        while chunk := list(islice(lines, _ROWS)):
            short = next((cells for cells in chunk if len(cells[1]) != width), None)
            if short is not None:
                raise RefusedError(
                    f"{self._line(rows + chunk.index(short))}: this row has {len(short[1])} values, and the header "
                    f"{width}",
                    self._hint(short[1]),
                )
            columns = list(zip(*(cells for _, cells in chunk)))
            numbers = np.empty((len(chunk), len(numeric)))
            for j, index in enumerate(numeric):
                values = _plain_numbers(columns[index], self._decimal, filled=bool(gaps.filled[j]))
                if values is not None and (gaps.filled[j] or not gaps.has_sentinels):
                    numbers[:, j] = values
                    continue
                for row, cell in enumerate(columns[index]):
                    found = gaps.number_of(cell, self._decimal)
                    if not isinstance(found, Fault):
                        numbers[row, j] = found
                    elif found.is_missing and gaps.filled[j]:
                        numbers[row, j] = np.nan
                    elif index not in bad:
                        bad[index] = Bad(rows + row, self.header[index], "feature", cell, found)
            gaps.mark(numbers)
            strings = [np.array([cell.strip() for cell in columns[index]]) for index in texts]
            rows += len(chunk)
            yield numbers, strings

    def _lines(self, file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        """The rows with the numbers of their last lines; empty lines are none."""
        from io import TextIOWrapper

        text = TextIOWrapper(file, self._encoding, newline="")
        try:
            reader = csv.reader(text, delimiter=self._delimiter)
            for row in reader:
                if row:
                    yield reader.line_num, row
        finally:
            text.detach()

    def _line(self, row: int) -> str:
        with self.path.open("rb") as file:
            line, _ = next(islice(self._lines(file), row + 1, None))
        return f"{self.path}:{line}"

    def _hint(self, cells: Sequence[str]) -> str:
        """What a row of another length than the header's points to."""
        if self._delimiter == "," and any(c.strip()[-1:].isdigit() for c in cells):
            return "where a comma stands before the fraction, the file needs `decimal: ','` and another `delimiter`"
        return ""

    def _check_header(self) -> None:
        """Refuse a header that does not name each column by itself."""
        if not self.header:
            raise RefusedError(f"{self.path}: a table has a header and at least one row, and this is empty")
        if _is_sample(self.header):
            raise RefusedError(
                f"{self.path}:1: the first row holds numbers, and a table begins with the names of its columns",
                "write the names above it; whole numbers will do",
            )
        for name in self.header:
            if self.header.count(name) > 1:
                places = [str(i + 1) for i, other in enumerate(self.header) if other == name]
                what = f"are called {shown(name)}" if name else "have no name"
                raise RefusedError(
                    f"{self.path}:1: the columns {', '.join(places[:-1])} and {places[-1]} {what}",
                    "give each column a name of its own",
                )
        if len(self.header) == 1:
            other = next((d for d in (";", "\t", ",", "|") if d in self.header[0]), None)
            if other is not None:
                raise RefusedError(
                    f"{self.path}:1: there is a single column, {shown(self.header[0])}",
                    f"the columns look separated by {other!r}: add `delimiter: {_quoted(other)}`",
                )

    def _unreadable(self, error: Exception) -> UnusableError:
        hint = ""
        if isinstance(error, UnicodeError):
            start = self.path.open("rb").read(2)
            wide = start in (b"\xff\xfe", b"\xfe\xff")
            hint = f"it looks like {'UTF-16' if wide else 'text of another encoding'}: add `encoding: "
            hint += "utf-16`" if wide else "cp1252`, or whatever it is"
        return UnusableError(f"{self.path}: it cannot be read as a table: {error}", hint)


def _quoted(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'


def _has_empty(codes: NDArray[np.uint8], starts: NDArray[np.int64], delimiter: bytes) -> bool:
    """Whether a cell that starts somewhere is empty."""
    first = codes[np.minimum(starts.ravel(), len(codes) - 1)]
    return bool(np.isin(first, np.frombuffer(delimiter + b"\r\n", np.uint8)).any())


def _with_nan(text: str, delimiter: str) -> str:
    """Lines in which each empty cell is `nan`, which NumPy reads."""
    filled = text
    for _ in range(2):  # Of three delimiters in a row the first replacement takes two.
        filled = filled.replace(delimiter * 2, f"{delimiter}nan{delimiter}")
    filled = filled.replace(f"\n{delimiter}", f"\nnan{delimiter}")
    for end in ("\r\n", "\n"):
        filled = filled.replace(f"{delimiter}{end}", f"{delimiter}nan{end}")
    first = "nan" if filled.startswith(delimiter) else ""
    last = "nan" if filled.endswith(delimiter) else ""
    return f"{first}{filled}{last}"


def _leading_zeros(codes: NDArray[np.uint8], starts: NDArray[np.int64]) -> bool:
    """Whether a cell that starts somewhere is 0 and another digit, perhaps after a sign."""
    places = starts.ravel()
    first = codes[places]
    places = places + ((first == ord("+")) | (first == ord("-")))
    last = len(codes) - 1
    zeros = places[codes[np.minimum(places, last)] == ord("0")]
    following = codes[np.minimum(zeros + 1, last)]
    return bool(((zeros < last) & (following >= ord("0")) & (following <= ord("9"))).any())


def _plain_numbers(cells: Sequence[str], decimal: str, *, filled: bool = False) -> NDArray[np.float64] | None:
    """The numbers of cells of which each is plainly one; None where one has to be looked at.

    Args:
        cells: The cells.
        decimal: What stands before the fraction.
        filled: Whether an empty cell is NaN, rather than looked at.
    """
    if filled and "" in cells:
        there = np.fromiter(map(bool, cells), bool, len(cells))
        some = _plain_numbers([cell for cell in cells if cell], decimal, filled=False)
        if some is None:
            return None
        values = np.full(len(cells), np.nan)
        values[there] = some
        return values
    joined = "\n".join(cells)
    if decimal == ",":
        if "." in joined:
            return None
        cells = [cell.replace(",", ".") for cell in cells]
    if (
        not joined.isascii()
        or joined.count("\n") >= max(len(cells), 1)
        or re.search(r"_|[^\S\n \t]|(?:^|\n)[ \t]*[-+]?0[0-9]", joined)
    ):
        return None
    try:
        values = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    return values if (np.abs(values) < LARGEST_WHOLE).all() else None


class _Gaps:
    """What is done about missing cells.

    Args:
        spec: What stands for one.
        filled: For each column of numbers whether a missing cell is let through, as NaN.
    """

    def __init__(self, spec: Csv | None, filled: NDArray[np.bool_]) -> None:
        self.filled = filled
        self._texts = spec.missing_texts if spec is not None else frozenset()
        self._numbers = spec.missing_numbers if spec is not None else []
        self.has_sentinels = bool(self._numbers)

    def number_of(self, cell: str, decimal: str) -> float | Fault:
        """The number that a cell holds, or why it is not one."""
        found = number_of(cell, decimal)
        if cell.strip() in self._texts or (not isinstance(found, Fault) and found in self._numbers):
            return nothing(cell)
        return found

    def mark(self, numbers: NDArray[np.floating]) -> None:
        """Let numbers that stand for a missing cell be NaN."""
        if self._numbers:
            numbers[np.isin(numbers, self._numbers)] = np.nan

    def of(self, numbers: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Where a missing cell is let through."""
        return np.isnan(numbers) & self.filled if self.filled.any() else np.zeros((1, 1), bool)


def _is_sample(header: Sequence[str]) -> bool:
    """Whether a first row is one of values: a fraction is no name, and no two columns have the same."""
    numbers = [name for name in header if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", name)]
    fraction = any(not name.isdecimal() for name in numbers)
    return len(numbers) == len(header) and (fraction or len(set(numbers)) < len(numbers))
