from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from lipbuild.diagnostics.printable import printable

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@")


def dump_csv(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV. Text that a spreadsheet would compute, such as `=1+1`, has an apostrophe in front of it.

    Args:
        header: The names of the columns.
        rows: The cells. Numbers stay as they are, also where they are text.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_cell, header))
    writer.writerows(map(_cell, row) for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
