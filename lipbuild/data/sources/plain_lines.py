"""Lines of a table in which nothing is out of the ordinary, many at a time."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json

from lipbuild.config.sources.cells import LARGEST_WHOLE

_NEWLINE = ord("\n")
# What stands for the end of a row among its numbers, which are finite.
_END = b"Infinity"
# What often stands for a missing number, besides nothing.
_GAPS = (b"NA", b"nan", b"NULL", b"?")

# (rows, numbers), and the cells of each column of text.
Found = tuple[NDArray[np.float64], list[list[str]]]


class PlainLines:
    """Reads lines whose cells are plain: numbers as JSON has them, and texts without quotes.

    A JSON parser reads the numbers. What it takes for one below 2⁵³ in size, `number_of` takes for the same: both round
    correctly. Neither takes `007`, `1_0` or the digits of another script. What `number_of` alone takes, such as `+1`
    and `.5`, is left to it.

    Args:
        delimiter: What separates the columns.
        decimal: What stands before the fraction of a number.
        width: The number of columns.
        numbers: The places of the columns of numbers that are wanted.
        texts: Those of the columns of text.
        gaps: Whether cells of numbers may be missing.
    """

    def __init__(
        self,
        delimiter: str,
        decimal: str,
        width: int,
        numbers: Sequence[int],
        texts: Sequence[int],
        *,
        gaps: bool = False,
    ) -> None:
        self._is_usable = delimiter.isascii() and not delimiter.isalnum() and delimiter not in '+-.?"\0\r\n'
        self._delimiter = delimiter.encode()
        self._decimal = decimal.encode()
        self._width = width
        self._texts = texts
        # A row of one cell that is missing is an empty line.
        self._gaps = gaps and width > 1
        columns = sorted(set(numbers))
        self._columns = len(columns)
        self._order = None if list(numbers) == columns else [columns.index(place) for place in numbers]
        self._is_whole = columns == list(range(width)) and not texts
        # Columns of numbers that stand side by side are cut out of a line in one piece.
        self._first = [place for place in columns if place - 1 not in columns]
        self._last = [place for place in columns if place + 1 not in columns]

    def parse(self, block: str) -> Found | None:
        """The numbers and texts of whole lines.

        Args:
            block: The lines.

        Returns:
            The numbers, NaN where a cell is missing, and the texts without the spaces around them; None where anything
            about the lines is out of the ordinary.
        """
        if not self._is_usable or '"' in block or "\0" in block:
            return None
        if "\r" in block:
            block = block.replace("\r\n", "\n").replace("\r", "\n")
        lines = block.encode()
        if not lines.endswith(b"\n"):
            lines += b"\n"
        found = self._whole(lines) if self._is_whole else self._cut(lines)
        if found is None or self._order is None:
            return found
        return found[0][:, self._order], found[1]

    def _whole(self, lines: bytes) -> Found | None:
        """Lines of nothing but numbers that are wanted."""
        rows = np.count_nonzero(np.frombuffer(lines, np.uint8) == _NEWLINE)
        numbers = numbers_of(lines, self._delimiter, self._decimal, gaps=self._gaps)
        if numbers is None or len(numbers) != rows * (self._width + 1):
            return None
        numbers = numbers.reshape(rows, -1)
        # As many ends as lines, each where it belongs.
        return (numbers[:, :-1], []) if np.isinf(numbers[:, -1]).all() else None

    def _cut(self, lines: bytes) -> Found | None:
        """Lines of which the columns of numbers are cut out."""
        codes = np.frombuffer(lines, np.uint8)
        ends: NDArray[np.intp] = np.flatnonzero((codes == self._delimiter[0]) | (codes == _NEWLINE))
        if len(ends) % self._width:
            return None
        ends = ends.reshape(-1, self._width)
        is_newline = codes[ends] == _NEWLINE
        if not is_newline[:, -1].all() or is_newline[:, :-1].any():
            return None
        starts = np.append(0, ends.ravel()[:-1] + 1).reshape(ends.shape)
        if self._width == 1 and (starts == ends).any():
            return None
        numbers: NDArray[np.float64] = np.empty(0)
        if self._columns:
            places = zip(starts[:, self._first].ravel().tolist(), ends[:, self._last].ravel().tolist())
            cells = self._delimiter.join([lines[i:j] for i, j in places])
            found = numbers_of(cells, self._delimiter, self._decimal, gaps=self._gaps)
            if found is None or len(found) != self._columns * len(ends):
                return None
            numbers = found
        texts = [
            [lines[i:j].decode().strip() for i, j in zip(starts[:, place].tolist(), ends[:, place].tolist())]
            for place in self._texts
        ]
        return numbers.reshape(len(ends), self._columns), texts


def numbers_of(cells: bytes, delimiter: bytes, decimal: bytes, *, gaps: bool) -> NDArray[np.float64] | None:
    """The numbers in cells that are plainly some, and infinity at the end of a line.

    Args:
        cells: The cells.
        delimiter: What separates them.
        decimal: What stands before the fraction.
        gaps: Whether a missing cell becomes NaN.

    Returns:
        The numbers; None where a cell is something else, or a number so large that it may be a whole one beyond 2⁵³.
    """
    # JSON has true and false, which are 1 and 0 to Python, and carriage returns around numbers.
    if b"u" in cells or b"l" in cells or b"\r" in cells or (decimal == b"," and b"." in cells):
        return None
    if gaps:
        cells = _with_nan(cells, delimiter)
    if delimiter != b",":
        if decimal == b",":
            cells = cells.replace(b",", b".")
        elif b"," in cells:
            return None
        cells = cells.replace(delimiter, b",")
    ends = 0
    if b"\n" in cells:
        ends = int(np.count_nonzero(np.frombuffer(cells, np.uint8) == _NEWLINE))
        cells = cells.removesuffix(b"\n").replace(b"\n", b"," + _END + b",") + b"," + _END
    try:
        found = from_json(b"[" + cells + b"]")
        numbers = np.frombuffer(bytearray(struct.pack(f"{len(found)}d", *found)), np.float64)
    except (ValueError, OverflowError, struct.error):
        return None
    small = np.count_nonzero(np.abs(numbers) < LARGEST_WHOLE)
    if gaps and small < len(numbers) - ends:
        small += np.count_nonzero(np.isnan(numbers))
    return numbers if small == len(numbers) - ends else None


def _with_nan(cells: bytes, delimiter: bytes) -> bytes:
    """Cells of which each that is missing is `NaN`."""
    for text in _GAPS:
        # What is left of a cell that holds more is not a number.
        if text[:1] in cells:
            cells = cells.replace(text, b"NaN")
    codes = np.frombuffer(cells, np.uint8)
    is_end = (codes == delimiter[0]) | (codes == _NEWLINE)
    empty = np.flatnonzero(np.append(True, is_end[:-1]) & is_end).tolist()
    if not cells.endswith(b"\n") and cells.endswith(delimiter):
        empty.append(len(cells))
    return b"NaN".join([cells[i:j] for i, j in zip([0, *empty], [*empty, len(cells)])])
