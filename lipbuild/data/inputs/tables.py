from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lipbuild.config.sources.tables import Csv, TableSpec
from lipbuild.data.inputs.inputs import Inputs
from lipbuild.data.learn_fill import fill_gaps
from lipbuild.data.sources.csv_file import CsvTable
from lipbuild.data.sources.parquet import ParquetTable
from lipbuild.data.sources.table import Table, inputs_of
from lipbuild.errors import LipbuildError, RefusedError
from lipbuild.text.suggest import nearest

SUFFIXES = (".csv", ".tsv", ".parquet")


def read_table(path: Path, source: TableSpec | None, folder: Path) -> Inputs:
    """The rows of a table with a header, one input a row.

    The columns of the training's table are taken by name, in any order. Its targets, weights, and what it ignores may
    be there.

    Args:
        path: The file.
        source: The training's table; None where the network was trained on something else, and the columns are
            taken as they stand.
        folder: Where its relative paths start.

    Raises:
        UnusableError: The file cannot be read.
        RefusedError: A column is missing or unknown, or a cell is not a number.
    """
    table: Table
    if path.suffix.lower() == ".parquet":
        table = ParquetTable(path, source)
    else:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
        usual = Csv(path=str(path), target="-", delimiter=delimiter)
        table = CsvTable(path, source if isinstance(source, Csv) else usual)
    if source is None:
        values, _ = table.read(list(table.header), [], np.float64)
    else:
        source = _columns(table, source, folder)
        numbers, columns = table.read(source.numeric, list(source.codes), np.float64, list(source.fillings))
        values = inputs_of(table, source, numbers, columns)
        fill_gaps(values, source.input_columns() or ())
        if source.fillings and np.isnan(values).any():
            raise RefusedError(
                f"{path}: a cell is missing, and what fills it is not known: the run does not state it"
            )
    return Inputs(tuple(str(row) for row in range(len(values))), values)


def _columns(table: Table, source: TableSpec, folder: Path) -> TableSpec:
    """The training's table with its columns known, all of which another has.

    Raises:
        RefusedError: One is missing, or there are others.
    """
    if source.features is None:
        source = source.read_from(_training_header(source, folder))
    features = source.features or []
    if source.input_columns() is None:
        raise RefusedError("the categories that the network takes are not known: the run does not name them")
    missing = [name for name in features if name not in table.header]
    known = {*features, *source.other_columns}
    unknown = [name for name in table.header if name not in known]
    if missing:
        near = (
            unknown[0] if len(unknown) == len(missing) == 1 else nearest(missing[0], unknown or table.header)
        )
        has = f"there is `{near}`" if near else f"it has {_few(table.header)}"
        others = f", nor {_few(missing[1:])}" if missing[1:] else ""
        raise RefusedError(f"{table.path}:1: there is no column `{missing[0]}`{others}", has)
    if unknown:
        near = nearest(unknown[0], features)
        raise RefusedError(
            f"{table.path}:1: the network takes no column {_few(unknown)}",
            f"it takes `{near}`"
            if near
            else f"it takes {_few(features)}; remove others, or name them in `--set data.source.{source.source_name}"
            ".ignore=[…]`",
        )
    return source


def _training_header(source: TableSpec, folder: Path) -> Sequence[str]:
    """The columns of the training's table, for a run whose config does not name them.

    Raises:
        RefusedError: They are not known.
    """
    path = folder / source.path
    try:
        return (CsvTable(path, source) if isinstance(source, Csv) else ParquetTable(path, source)).header
    except LipbuildError:
        raise RefusedError(
            f"the columns that the network takes are not known: the run does not name them, and its table {path} "
            "cannot be read",
            f"name them in their order: `--set 'data.source.{source.source_name}.features=[…]'`",
        ) from None


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(f"`{name}`" for name in names[:10]) + more
