"""Tables for notebooks: HTML that looks right on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lipbuild.diagnostics.printable import printable

# The first columns are words, the others numbers.
_WORDS = 3
_CELL = "padding:.15em .7em;border:0;border-bottom:1px solid rgba(128,128,128,.35)"


def html_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    *,
    words: int = _WORDS,
    markup: int = 0,
) -> str:
    """A table of text. What stands in it is escaped.

    Args:
        header: The names of the columns.
        rows: The cells.
        caption: A line above the table.
        words: How many columns are words; those after them are aligned to the right.
        markup: How many of the last columns are HTML already.
    """

    def row(cells: Sequence[str], tag: str) -> str:
        ready = len(cells) - (markup if tag == "td" else 0)
        parts = [
            f'<{tag} style="{_CELL};text-align:{"left" if i < words else "right"}">'
            f"{escape(printable(cell)) if i < ready else cell}</{tag}>"
            for i, cell in enumerate(cells)
        ]
        return f"<tr>{''.join(parts)}</tr>"

    shown = f'<caption style="text-align:left">{escape(printable(caption))}</caption>' if caption else ""
    body = "".join(row(cells, "td") for cells in rows)
    return f"<table>{shown}<thead>{row(header, 'th')}</thead><tbody>{body}</tbody></table>"
