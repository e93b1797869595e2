"""A table cannot be read as it is, or an input of it holds something else than numbers.

## What it does
Reads the header and the first thousand rows of a CSV table. It reports a table that cannot be read as it is: another
delimiter or encoding, a header that is a row of values or has one name twice, rows of another length, no rows. It
reports all columns in which a cell is not plainly a number: text, dates, truth values, nothing, `nan`, `12_5`, whole
numbers beyond 2⁵³, codes that begin with 0; and a label that is nothing. Missing cells that `fill` fills are not
reported, and neither is a file that is not there. `lipbuild train` holds all rows against the same rules.

## Why is this bad?
A network takes numbers, and columns by their names. Nothing is guessed: 12_5 may be 125 or 12.5, and 007 is a name.

## Example
```yaml
model:
  input: [2]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: readings.csv, target: kind}}}
```

## Use instead
```yaml
model:
  input: [1]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: readings.csv, target: kind, ignore: [room]}}}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

# The readers of files are loaded where there is a file: most configs have none.
if TYPE_CHECKING:
    from lipbuild.config.sources.tables import Csv
    from lipbuild.rules.training.first_rows import Column


def check(context: Context) -> Iterator[Problem]:
    """The inputs of each table, in one report."""
    data = context.config.data
    for key, source in (data.sources if data is not None else {}).items():
        if source.source_name == "csv":
            yield from _in_table(context, key, cast("Csv", source))


def _in_table(context: Context, at: str, source: Csv) -> Iterator[Problem]:
    from lipbuild.config.sources.cells import Fault, place_of, shown
    from lipbuild.config.sources.tables import text_encoding
    from lipbuild.rules.training.first_rows import first_rows

    folder = context.config.folder
    if (fault := source.fault(folder)) is not None:
        yield Problem(RULE.name, fault[0], context.config.place(f"{at}.csv.path"), help=fault[1])
        return
    bad: list[tuple[Column, int, str, Fault]] = []
    for column in first_rows(source, folder):
        for line, cell in column.cells:
            if column.is_label and cell.strip():
                continue
            found = source.value_of(cell, text=column.is_text)
            if isinstance(found, Fault) and not (found.is_missing and column.is_filled):
                if column.is_label:
                    found = Fault("empty", "", "give it a label, or leave its row out")
                bad.append((column, line, cell, found))
                break
    if bad:

        def said(column: Column, line: int, cell: str) -> str:
            encoding = text_encoding(source.encoding)
            place = place_of(
                folder / source.path, encoding, source.delimiter, line, column.place, column.width
            )
            what, held = "label" if column.is_label else "input", shown(cell) if cell.strip() else "nothing"
            return f"{place}: the {what} `{column.name}` is {held}"

        first, *others = [said(*one[:3]) for one in bad[:10]]
        reason = f", which {bad[0][3].reason}" if bad[0][3].reason else ""
        more = f"; and {len(bad) - 10} more" if len(bad) > 10 else ""
        key = "features" if source.features is not None else "path"
        yield Problem(
            RULE.name,
            "; ".join([first + reason, *others]) + more,
            context.config.place(f"{at}.csv.{key}"),
            help="; ".join(dict.fromkeys(fault.remedy for *_, fault in bad)),
        )


RULE = Rule("LIP417", "unreadable-columns", Severity.ERROR, __doc__, check)
