"""The data's file has no column, or no array, of a name that the config gives.

## What it does
Reads the header of the table or the archive, and reports a name that is not in it, with the nearest one that is. A
missing file is not reported: a config can be checked without its data.

## Why is this bad?
The training would find no labels, or no features, after everything else has been loaded.

## Example
```yaml
model:
  input: [2]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: prices.csv, target: prize}}}
```

## Use instead
```yaml
model:
  input: [2]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: prices.csv, target: price}}}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from lipbuild.config.config import Config
from lipbuild.config.names import renamed
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest

# The readers of files are loaded where there is a file: most configs have none.
if TYPE_CHECKING:
    from lipbuild.config.sources.arrays import Npz
    from lipbuild.config.sources.source_spec import SourceSpec
    from lipbuild.config.sources.tables import Csv


# What says something of single columns that the network takes, by their names.
_OF_COLUMNS = (("certify", "tolerance"),)


def check(context: Context) -> Iterator[Problem]:
    """The names that the data's source gives, against those in its file."""
    data = context.config.data
    for key, source in (data.sources if data is not None else {}).items():
        if source.source_name == "csv":
            yield from _in_table(context.config, key, cast("Csv", source))
        elif source.source_name == "npz":
            yield from _in_archive(context.config, key, cast("Npz", source))
    if data is not None and not _has_names(data.source):
        for section, key in _OF_COLUMNS:
            if _given(context.config, section, key):
                message = (
                    f"`{section}.{key}` names columns, and those of `{data.source.source_name}` have no names"
                )
                place = context.config.place(f"{section}.{key}")
                yield Problem(RULE.name, message, place, help="leave it out")


def _has_names(source: SourceSpec) -> bool:
    """Whether the columns of a source have names."""
    return source.source_name in ("csv", "parquet") or source.input_columns() is not None


def _given(config: Config, section: str, key: str) -> Mapping[str, object]:
    """What a section says of columns, by their names."""
    return getattr(getattr(config, section), key, None) or {}


def _in_table(config: Config, at: str, source: Csv) -> Iterator[Problem]:
    columns = source.header(config.folder)
    # What is wrong with the header itself another rule says, once.
    if columns is None or source.fault(config.folder) is not None:
        return
    from lipbuild.config.sources.fill import named_in

    named = {
        "fill": named_in(source.fill),
        "categories": list(source.codes),
        "indicator": source.indicated,
        "units": list(source.units or {}),
    }
    for key in ("target", "features", "weight", "split", *named):
        value = named.get(key, getattr(source, key))
        place = config.place(f"{at}.csv.{key}")
        for name in value if isinstance(value, list) else [value]:
            if name is not None and name not in columns:
                span = place.word(name) if isinstance(value, list) else place
                yield _unknown("column", name, source.path, columns, span)
    texts = set(source.codes)
    # Which columns there are, and whether they are numbers, the first source says for both.
    for section, key in _OF_COLUMNS if at == "data.source" else ():
        for name in _given(config, section, key):
            place = config.keys.get(f"{section}.{key}.{name}", config.place(f"{section}.{key}"))
            if name not in columns:
                yield _unknown("column", name, source.path, columns, place)
            elif name in texts or name in source.targets_list or name not in (source.features or columns):
                message = (
                    f"`{section}.{key}` is about numbers that the network takes, and `{name}` is not one"
                )
                yield Problem(RULE.name, message, place, help="leave it out")
    yield from _parts_by(config, "column", source, columns)


def _in_archive(config: Config, at: str, source: Npz) -> Iterator[Problem]:
    from lipbuild.reading.npz_header import array_names

    arrays = array_names(config.folder / source.path)
    if arrays is None:
        return
    for key in ("features", "labels", "weights"):
        name = getattr(source, key)
        if name is not None and name not in arrays and f"{name}_train" not in arrays:
            place = config.place(f"{at}.npz.{key}")
            yield _unknown("array", name, source.path, arrays, place)
    yield from _parts_by(config, "array", source, arrays)


def _parts_by(config: Config, what: str, source: Csv | Npz, known: Sequence[str]) -> Iterator[Problem]:
    """What `data.split` names."""
    split = source.parts_by
    names = {name.removesuffix("_train") if what == "array" else name for name in known}
    if split is not None and split.name not in {*names, *known}:
        yield _unknown(what, split.name, source.path, known, config.place(f"data.split.{split.key}"))


def _unknown(what: str, name: str, path: str, known: Sequence[str], span: Span) -> Problem:
    near = nearest(name, known)
    few = ", ".join(f"`{other}`" for other in known[:10])
    advice = f"there is one with a similar name: `{near}`" if near else f"there are {few}"
    message = f"{path} has no {what} `{name}`"
    return Problem(RULE.name, message, span, help=advice, fix=renamed(name, span, near))


RULE = Rule("LIP413", "unknown-columns", Severity.ERROR, __doc__, check)
