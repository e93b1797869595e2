"""The lines of a text that a diagnostic speaks of, marked: carets where it is wrong, dashes elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.printable import printable
from lipbuild.text.problem import Related
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

# The least room that a line is shown in, however narrow the terminal.
_LEAST_ROOM = 30
_BESIDE = "blue"


class Mark(NamedTuple):
    """A place that is marked: its span, the sign under it, what is written beside it, its colour."""

    span: Span
    sign: str
    label: str
    color: str


class _Placed(NamedTuple):
    """A mark on a line as it is shown: the cell where it starts, and how many it takes."""

    start: int
    length: int
    mark: Mark


class Gutter:
    """The column of line numbers on the left of everything that is shown of a diagnostic."""

    def __init__(self, numbers: Iterable[int], palette: Palette) -> None:
        self.width = len(str(max(numbers)))
        self.palette = palette

    def row(self, text: str = "", number: int | None = None) -> str:
        """A line behind the bar."""
        shown = "" if number is None else str(number)
        bar = self.palette.paint("|", _BESIDE, bold=True)
        left = self.palette.paint(shown.rjust(self.width), _BESIDE, bold=True)
        return f"{left if shown else ' ' * self.width} {bar} {text}".rstrip()

    def place(self, arrow: str, span: Span) -> str:
        """The line that names a place."""
        return f"{' ' * self.width}{self.palette.paint(arrow, _BESIDE, bold=True)} {printable(span.place)}"

    def room(self, width: int) -> int:
        """How many cells are left for a text behind the bar."""
        return max(width - self.width - 3, _LEAST_ROOM)


def snippet(
    span: Span, label: str, related: Sequence[Related], color: str, gutter: Gutter, width: int
) -> tuple[list[str], list[str]]:
    """The lines with their marks, and what is left to be said of places that could not be shown.

    Args:
        span: Where it is wrong.
        label: What is written beside that.
        related: Other places.
        color: The colour of the first; the others have one of their own.
        gutter: The column of line numbers.
        width: How many cells a line may take.
    """
    marks = [Mark(span, "^", label, color), *(Mark(r.span, "-", r.label, _BESIDE) for r in related)]
    lines: list[str] = []
    left: list[str] = []
    for source in dict.fromkeys(mark.span.source for mark in marks):
        here = [mark for mark in marks if mark.span.source is source]
        lines.append(gutter.place("-->" if source is span.source else ":::", here[0].span))
        lines.append(gutter.row())
        lines += _lines(source, here, gutter, width, left)
    return lines, left


def _lines(
    source: SourceText, marks: Sequence[Mark], gutter: Gutter, width: int, left: list[str]
) -> list[str]:
    by_number: dict[int, list[Mark]] = {}
    for mark in marks:
        by_number.setdefault(source.position(mark.span.start)[0], []).append(mark)
    lines: list[str] = []
    before: int | None = None
    for number in sorted(by_number):
        if before is not None and number > before + 1:
            lines.append("...")
        before = number
        lines += _line(source, number, by_number[number], gutter, width, left)
    return lines


def _line(
    source: SourceText, number: int, marks: Sequence[Mark], gutter: Gutter, width: int, left: list[str]
) -> list[str]:
    text = source.line(number)
    begin = source.line_start(number)
    focus = marks[0].span
    shown, offset = excerpt(text, focus.start - begin, gutter.room(width))
    placed: list[_Placed] = []
    for mark in marks:
        start = mark.span.start - begin - offset
        length = min(mark.span.end - begin - offset, len(shown)) - start
        if start < bool(offset) or start > len(shown):
            _, column = source.position(mark.span.start)
            left.append(f"{mark.label} (line {number}, column {column})")
            continue
        placed.append(_Placed(cells(shown[:start]), max(1, cells(shown[start : start + length])), mark))
    rows = [_signs(placed, gutter.palette), *_labels(placed, gutter.palette)]
    return [gutter.row(printable(shown), number), *map(gutter.row, rows)]


def _signs(placed: Sequence[_Placed], palette: Palette) -> str:
    """The row of signs, and beside the last of them its label."""
    last = max(placed, key=lambda p: p.start)
    row: list[tuple[str, str]] = [(" ", "")] * max(p.start + p.length for p in placed)
    # The carets are drawn last, over dashes that they overlap.
    for start, length, mark in reversed(placed):
        row[start : start + length] = [(mark.sign, mark.color)] * length
    text = _painted(row, palette)
    label = printable(last.mark.label)
    # One paint for both, where nothing stands between.
    return f"{text} {palette.paint(label, last.mark.color, bold=True)}" if label else text


def _labels(placed: Sequence[_Placed], palette: Palette) -> list[str]:
    """The labels that stand on rows of their own, each under its mark, the last one first."""
    last = max(placed, key=lambda p: p.start)
    waiting = sorted((p for p in placed if p is not last and p.mark.label), key=lambda p: p.start)
    rows: list[str] = [_bars(waiting, palette)] if waiting else []
    while waiting:
        current = waiting.pop()
        bars = [p for p in waiting if p.start < current.start]
        head = _bars(bars, palette)
        blank = " " * (current.start - max((p.start + 1 for p in bars), default=0))
        label = palette.paint(printable(current.mark.label), current.mark.color, bold=True)
        rows.append(f"{head}{blank}{label}")
    return rows


def _bars(placed: Sequence[_Placed], palette: Palette) -> str:
    row: list[tuple[str, str]] = [(" ", "")] * max((p.start + 1 for p in placed), default=0)
    for start, _, mark in placed:
        row[start] = ("|", mark.color)
    return _painted(row, palette)


def _painted(row: Sequence[tuple[str, str]], palette: Palette) -> str:
    """Characters with their colours, equal neighbours painted at once."""
    text = ""
    run, color = "", ""
    for character, own in [*row, ("", None)]:
        if own == color:
            run += character
            continue
        text += palette.paint(run, color, bold=True) if color else run
        run, color = character, own or ""
    return text


def excerpt(line: str, column: int, room: int) -> tuple[str, int]:
    """The part of a line around a column that fits, and how many characters before it are left out.

    A part that does not start the line starts with `…`, which counts.
    """
    if len(line) <= room:
        return line, 0
    begin = max(0, min(column - 10, len(line) - room))
    shown = ("…" if begin else "") + line[begin + bool(begin) : begin + room]
    return (f"{shown[:-1]}…" if begin + room < len(line) else shown), begin


def cells(text: str) -> int:
    """How many cells of a terminal a text fills."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
