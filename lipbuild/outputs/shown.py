from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.diagnostics.html_table import html_table

# So many rows of a list are shown.
_MOST = 20


class Shown:
    """A result that a notebook shows as tables: what it says to programs by `as_json`."""

    def as_json(self) -> dict[str, Any]:
        """The result as JSON values."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """The result as a notebook shows it."""
        return result_html(type(self).__name__, self.as_json())


def result_html(title: str, value: Mapping[str, Any]) -> str:
    """A result as tables: one of its single values, and one of each list of objects.

    Args:
        title: What stands above the first table.
        value: Its JSON value.
    """
    single: list[tuple[str, str]] = []
    tables: list[str] = []
    for key, one in _flat(value):
        if isinstance(one, Sequence) and not isinstance(one, str) and one and isinstance(one[0], Mapping):
            tables.append(_table(key, one))
        elif key not in ("format", "version") and one not in (None, "", [], {}):
            single.append((key, _text(one)))
    return html_table(("", ""), single, title, words=2) + "".join(tables)


def _flat(value: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """The values under their paths."""
    found: list[tuple[str, Any]] = []
    for key, one in value.items():
        path = f"{before}.{key}" if before else key
        found += _flat(one, path) if isinstance(one, Mapping) else [(path, one)]
    return found


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    shown = [tuple(_text(row.get(column)) for column in columns) for row in rows[:_MOST]]
    more = f", the first {_MOST} of {len(rows):,}" if len(rows) > _MOST else ""
    return html_table(columns, shown, f"{title}{more}", words=1)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        more = f" … ({len(value):,})" if len(value) > _MOST else ""
        return ", ".join(_text(one) for one in value[:_MOST]) + more
    return str(value)
