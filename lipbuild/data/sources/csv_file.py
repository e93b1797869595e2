from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.cells import LARGEST_WHOLE, Fault, number_of, place_of
from lipbuild.config.sources.table_header import header_fault, length_fault, rows_of, size_fault, unreadable
from lipbuild.config.sources.tables import Csv, text_encoding
from lipbuild.data.raw import RawData
from lipbuild.data.sources.growing import Growing
from lipbuild.data.sources.plain_lines import Found, PlainLines, numbers_of
from lipbuild.data.sources.table import Bad, Columns, Table, load_table
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.file import check_file

# As many characters are parsed at a time: what Python makes of them stays in the processor's cache.
_BLOCK = 2**16


def load_csv(spec: Csv, folder: Path, seed: int) -> RawData:
    """The rows of a table with a header.

    Raises:
        UnusableError: The file is missing or no text.
        RefusedError: A column is missing, a row has the wrong length, a feature is not a number.
    """
    return load_table(spec, folder, lambda path, name: CsvTable(path, spec, f"data.source.csv.{name}"))


class CsvTable(Table):
    """A table of text.

    Args:
        path: The file.
        spec: How it is written.
        key: What names it, for a message.
    """

    def __init__(self, path: Path, spec: Csv, key: str = "") -> None:
        self.path = path
        self._delimiter = spec.delimiter
        self._decimal = spec.decimal
        self._spec = spec
        self._encoding = text_encoding(spec.encoding)
        check_file(path, f"`{key}` names it" if key else "")
        try:
            with self._open() as file:
                _, header = next(rows_of(file, self._delimiter), (0, []))
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
        as_numbers: Collection[str] = (),
    ) -> tuple[NDArray[np.floating], Columns]:
        """See `Table.read`. Text is as it is written, without the spaces around it."""
        numbers = [name for name in others if name in as_numbers]
        while True:
            texts = [name for name in others if name not in numbers]
            try:
                return self._read(features, numbers, texts, dtype, filled)
            except _TextError as signal:
                numbers.remove(signal.column)
            except (OSError, UnicodeError, csv.Error) as error:
                raise self._unreadable(error) from None

    def _read(
        self,
        features: Sequence[str],
        numbers: Sequence[str],
        texts: Sequence[str],
        dtype: type,
        filled: Collection[str],
    ) -> tuple[NDArray[np.floating], Columns]:
        """The features, and columns of numbers and of text.

        Raises:
            _TextError: A column of numbers holds something else.
        """
        places = [self.header.index(name) for name in (*features, *numbers)]
        text_places = [self.header.index(name) for name in texts]
        gaps = _Gaps(self._spec, np.array([name in filled for name in features], bool))
        plain = PlainLines(
            self._delimiter,
            self._decimal,
            len(self.header),
            places,
            text_places,
            gaps=bool(gaps.filled.any()),
        )
        values = Growing(len(features), dtype)
        columns: list[list[NDArray[np.generic]]] = [[] for _ in (*numbers, *texts)]
        bad: dict[int, Bad] = {}
        rows = 0
        with self._open() as file:
            next(rows_of(file, self._delimiter))
            size = self.path.stat().st_size
            while block := file.read(_BLOCK):
                block += file.readline()
                found = self._quick(block, plain, gaps)
                if found is None:
                    found = self._slow(block, file, places, text_places, gaps, rows, bad)
                own, cells = found
                rows += len(own)
                if bad:
                    continue
                values.add(own[:, : len(features)], size / len(block))
                for j, column in enumerate(columns):
                    extra = j - len(numbers)
                    column.append(
                        own[:, len(features) + j].copy() if extra < 0 else np.array(cells[extra], np.str_)
                    )
        if bad:
            self.refuse(list(bad.values()))
        if not rows:
            raise RefusedError(f"{self.path}: {size_fault(1)}")
        joined: Columns = {name: np.concatenate(one) for name, one in zip((*numbers, *texts), columns)}
        return values.array(), joined

    def parse(self, cells: NDArray[np.generic]) -> NDArray[np.float64] | dict[str, float | Fault]:
        """See `Table.parse`."""
        if cells.dtype.kind == "f":
            return cells.astype(np.float64, copy=False)
        values: list[str] = cells.tolist()
        plain = _plain_numbers(values, self._decimal)
        if plain is not None:
            return plain
        found = {cell: number_of(cell, self._decimal) for cell in set(values)}
        if any(isinstance(one, Fault) for one in found.values()):
            return found
        return np.array([found[cell] for cell in values], np.float64)

    def texts(self, column: str) -> list[str]:
        """A column as it stands in the file."""
        texts: list[str] = self.read([], [column])[1][column].tolist()
        return texts

    def place(self, row: int, column: str) -> str:
        """Where a cell is: file:line:column."""
        line, cells = self._row(row)
        index = self.header.index(column)
        return place_of(self.path, self._encoding, self._delimiter, line, index, len(cells))

    def _quick(self, block: str, plain: PlainLines, gaps: _Gaps) -> Found | None:
        """Whole lines as numbers and texts; None where anything about them is out of the ordinary."""
        found = plain.parse(block)
        if found is None or not gaps.are_possible:
            return found
        gaps.mark(found[0])
        return found if gaps.are_let_through(found[0]) else None

    def _slow(
        self,
        block: str,
        file: TextIO,
        numeric: list[int],
        texts: list[int],
        gaps: _Gaps,
        rows: int,
        bad: dict[int, Bad],
    ) -> Found:
        """The rows of whole lines cell by cell, and of those that follow where a row goes on in them.

        The first bad cell of each feature is noted.

        Raises:
            RefusedError: A row has the wrong length.
            _TextError: A column of numbers besides the features holds something else.
        """
        lines = list(StringIO(block, newline=""))
        chunk: list[list[str]] = []
        for line, row in rows_of(chain(lines, file), self._delimiter):
            if len(row) != len(self.header):
                message, remedy = length_fault(row, len(self.header))
                raise RefusedError(f"{self.path}:{self._row(rows + len(chunk))[0]}: {message}", remedy)
            chunk.append(row)
            if line >= len(lines):
                break
        columns = list(zip(*chunk)) or [()] * len(self.header)
        numbers = np.empty((len(chunk), len(numeric)))
        for j, index in enumerate(numeric):
            is_feature = j < len(gaps.filled)
            filled = is_feature and bool(gaps.filled[j])
            values = _plain_numbers(columns[index], self._decimal, filled=filled)
            if values is not None and (filled or not is_feature or not gaps.has_sentinels):
                numbers[:, j] = values
                continue
            for i, cell in enumerate(columns[index]):
                found = (
                    self._spec.value_of(cell, text=False) if is_feature else number_of(cell, self._decimal)
                )
                if not isinstance(found, Fault):
                    numbers[i, j] = found
                elif not is_feature:
                    raise _TextError(self.header[index])
                elif found.is_missing and filled:
                    numbers[i, j] = np.nan
                elif index not in bad:
                    bad[index] = Bad(rows + i, self.header[index], "feature", cell, found)
        gaps.mark(numbers)
        return numbers, [[cell.strip() for cell in columns[index]] for index in texts]

    def _open(self) -> TextIO:
        return self.path.open(encoding=self._encoding, newline="")

    def _row(self, row: int) -> tuple[int, list[str]]:
        """The line of a row, and its cells."""
        with self._open() as file:
            return next(islice(rows_of(file, self._delimiter), row + 1, None))

    def _check_header(self) -> None:
        """Refuse a header that does not name each column by itself."""
        if not self.header:
            raise RefusedError(f"{self.path}: {size_fault(0)}")
        fault = header_fault(self.header)
        if fault is not None:
            raise RefusedError(f"{self.path}:1: {fault[0]}", fault[1])

    def _unreadable(self, error: Exception) -> UnusableError:
        return UnusableError(*unreadable(self.path, error))


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
        filled_in = np.full(len(cells), np.nan)
        filled_in[there] = some
        return filled_in
    joined = "\n".join(cells)
    if not joined.isascii():
        return None
    found = numbers_of(";".join(cells).encode(), b";", decimal.encode(), gaps=False)
    if found is not None and len(found) == len(cells):
        return found
    values = _floats(cells, joined, decimal)
    return values if values is not None and (np.abs(values) < LARGEST_WHOLE).all() else None


def _floats(cells: Sequence[str], joined: str, decimal: str) -> NDArray[np.float64] | None:
    """The numbers of cells that Python reads as `number_of` does; None where one has to be looked at."""
    if decimal == ",":
        if "." in joined:
            return None
        cells = [cell.replace(",", ".") for cell in cells]
    if joined.count("\n") >= max(len(cells), 1) or re.search(
        r"_|[^\S\n \t]|(?:^|\n)[ \t]*[-+]?0[0-9]", joined
    ):
        return None
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None


class _TextError(Exception):
    """A column that was read as numbers holds something else.

    Args:
        column: Its name.
    """

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


class _Gaps:
    """What is done about missing cells.

    Args:
        spec: What stands for one.
        filled: For each feature whether a missing cell is let through, as NaN. Features are the first of the columns of
            numbers.
    """

    def __init__(self, spec: Csv, filled: NDArray[np.bool_]) -> None:
        self.filled = filled
        self._numbers = spec.missing_numbers
        self.has_sentinels = bool(self._numbers)
        self.are_possible = self.has_sentinels or bool(filled.any())

    def mark(self, numbers: NDArray[np.float64]) -> None:
        """Let features that stand for a missing cell be NaN."""
        if self._numbers:
            features = numbers[:, : len(self.filled)]
            features[np.isin(features, self._numbers)] = np.nan

    def are_let_through(self, numbers: NDArray[np.float64]) -> bool:
        """Whether each column in which a cell is missing is filled."""
        filled = np.zeros(numbers.shape[1], bool)
        filled[: len(self.filled)] = self.filled
        return not (np.isnan(numbers).any(axis=0) & ~filled).any()
