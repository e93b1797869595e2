"""Tables, sentences and bounds as plain text that fits the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from lipbuild.diagnostics.printable import printable
from lipbuild.diagnostics.terminal_width import terminal_width
from lipbuild.network.rounding import decimal_down as down
from lipbuild.network.rounding import decimal_up as up

__all__ = ["down", "text_table", "up", "wrapped"]

_GAP = 2


def wrapped(text: str) -> str:
    """Sentences in lines that fit the terminal. A path or a number is never broken."""
    return "\n".join(map(_wrapped_line, text.splitlines()))


def _wrapped_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())] + "  "
    fitting = textwrap.wrap(
        line, terminal_width(), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(fitting)


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 3) -> str:
    """A head, a rule and the rows. Columns that do not fit the terminal follow below, behind the first column again.

    Args:
        header: The name of each column.
        rows: The cells of each row.
        words: How many columns, from the left, are words; the others are numbers, aligned to the right.
    """
    header, *rows = ([printable(cell) for cell in row] for row in (header, *rows))
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    return "\n\n".join(
        "\n".join(_block(columns, header, rows, widths, words))
        for columns in _blocks(widths, terminal_width())
    )


def _blocks(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """The columns that stand beside each other: the first one and, each time, as many others as fit."""
    columns, used = [0], widths[0]
    for column in range(1, len(widths)):
        if len(columns) > 1 and used + _GAP + widths[column] > room:
            yield columns
            columns, used = [0], widths[0]
        columns.append(column)
        used += _GAP + widths[column]
    yield columns


def _block(
    columns: Sequence[int],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    words: int,
) -> Iterator[str]:
    def line(row: Sequence[str]) -> str:
        cells = (row[i].rjust(widths[i]) if i >= words else row[i].ljust(widths[i]) for i in columns)
        return (" " * _GAP).join(cells).rstrip()

    yield line(header)
    yield "─" * (sum(widths[i] for i in columns) + _GAP * (len(columns) - 1))
    yield from map(line, rows)
