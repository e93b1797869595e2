"""Tables and bounds as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.diagnostics.printable import printable
from lipbuild.network.rounding import decimal_down as down
from lipbuild.network.rounding import decimal_up as up

__all__ = ["down", "text_table", "up"]


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 3) -> str:
    """A head, a rule and the rows; so many columns are words, and the others numbers, aligned to the right."""
    header, *rows = ([printable(cell) for cell in row] for row in (header, *rows))
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [_line(header, widths, words), "─" * (sum(widths) + 2 * (len(widths) - 1))]
    return "\n".join([*lines, *(_line(row, widths, words) for row in rows)])


def _line(row: Sequence[str], widths: Sequence[int], words: int) -> str:
    cells = [
        cell.rjust(width) if index >= words else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
