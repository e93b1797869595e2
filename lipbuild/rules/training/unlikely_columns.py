"""The inputs are numbers, but probably not as they were meant.

## What it does
Reads the first thousand rows of a CSV table and remarks on a column that counts its rows or has no name (an index
that pandas wrote); on columns whose sizes span five orders of magnitude if nothing scales them; and on radii of at
most 1 for whole numbers from 0 to 255, also if the images of an `npz` or `npy` file are bytes.

## Why is this bad?
An index is different for each row: a network learns the order of the file. A radius is one number for all columns:
with a column in thousands beside one in thousandths, it only matters for the first. A pixel that moves by 0.1 of 255
is the same pixel.

## Example
```yaml
model:
  input: [2]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: indexed.csv, target: kind}}}
```

## Use instead
```yaml
model:
  input: [1]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: indexed.csv, target: kind, ignore: ["Unnamed: 0"]}}}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from lipbuild.config.config import Config
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span

# The readers of files are loaded where there is a file: most configs have none.
if TYPE_CHECKING:
    from lipbuild.config.sources.arrays import Npy, Npz
    from lipbuild.config.sources.tables import Csv

_SPAN = 1e5
_SCALING = frozenset({"Normalization", "Rescaling"})
_FEW = 8


def check(context: Context) -> Iterator[Problem]:
    """The inputs of a table whose first rows are numbers, and images that are bytes."""
    config = context.config
    if config.data is None:
        return
    if config.data.source.source_name in ("npz", "npy"):
        yield from _bytes(config)
    if config.data.source.source_name != "csv":
        return
    from lipbuild.config.sources.cells import Fault
    from lipbuild.rules.training.first_rows import first_rows

    source = cast("Csv", config.data.source)
    place = config.place(f"data.source.csv.{'features' if source.features is not None else 'path'}")
    columns: dict[str, list[float]] = {}
    for column in first_rows(source, config.folder):
        if column.is_text or column.is_label:
            continue
        columns[column.name] = []
        for _, cell in column.cells:
            number = source.value_of(cell, text=False)
            if isinstance(number, float):
                columns[column.name].append(number)
            elif not (column.is_filled and isinstance(number, Fault) and number.is_missing):
                return
    for name, values in columns.items():
        if _is_index(name, values):
            from lipbuild.config.dump import flow

            called = f"the column `{name}`" if name else "a column without a name"
            yield Problem(
                RULE.name,
                f"{source.path} has {called}, which looks like an index of its rows",
                place,
                help=f"leave it out: `ignore: {flow([name])}`",
            )
    sizes = {name: max(map(abs, values), default=0.0) for name, values in columns.items()}
    some = {name: size for name, size in sizes.items() if size > 0.0}
    scaled = any(step.kind in _SCALING for step in config.data.preprocess)
    if not scaled and some and max(some.values()) >= _SPAN * min(some.values()):
        large, small = max(some, key=some.__getitem__), min(some, key=some.__getitem__)
        yield Problem(
            RULE.name,
            f"the inputs of {source.path} are up to {some[large]:g} (`{large}`) and {some[small]:g} (`{small}`), and a "
            "radius is one number for all of them",
            place,
            help="scale each column: `preprocess: [Normalization: {least_std: …}]`; `lipbuild data` shows deviations",
        )
    if len(columns) >= _FEW and all(map(_is_pixels, columns.values())) and max(sizes.values()) > 1:
        yield from _pixels(config, source.path, place)


def _bytes(config: Config) -> Iterator[Problem]:
    """Arrays of images whose pixels are bytes."""
    from lipbuild.reading.npy_header import read_npy_header
    from lipbuild.reading.npz_header import array_header

    source = config.needed("data").source
    if source.in_unit_range():
        return
    header, path, key = None, "", "features"
    if source.source_name == "npz":
        archive = cast("Npz", source)
        path, key = archive.path, "path"
        for name in (archive.features, f"{archive.features}_train"):
            header = header or array_header(config.folder / path, name)
    else:
        path = cast("Npy", source).features
        header = read_npy_header(config.folder / path)
    if header is not None and header.dtype.lstrip("|<>=") == "u1" and len(header.shape) > 2:
        yield from _pixels(config, path, config.place(f"data.source.{source.source_name}.{key}"))


def _pixels(config: Config, path: str, place: Span) -> Iterator[Problem]:
    largest = max(config.certify.radii)
    if largest <= 1:
        yield Problem(
            RULE.name,
            f"the inputs of {path} are whole numbers from 0 to 255, and no radius is above {largest:g}",
            place,
            help=f"radii are in the units of the data, whatever scales it: {largest:g} of [0, 1] is {255 * largest:g} "
            "here",
        )


def _is_index(name: str, values: Sequence[float]) -> bool:
    if len(values) < 2:
        return not name
    counts = values[0] in (0.0, 1.0) and all(value == values[0] + i for i, value in enumerate(values))
    return not name or counts or re.fullmatch(r"Unnamed: \d+", name) is not None


def _is_pixels(values: Sequence[float]) -> bool:
    return all(0 <= value <= 255 and value.is_integer() for value in values)


RULE = Rule("LIP418", "unlikely-columns", Severity.REMARK, __doc__, check)
