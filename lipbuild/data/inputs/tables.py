from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from lipbuild.data.inputs.inputs import Inputs
from lipbuild.errors import RefusedError, UnusableError


def read_table(
    path: Path, columns: Sequence[str] | None = None, without: Collection[str] = (), delimiter: str = ","
) -> Inputs:
    """The rows of a table with a header, one input a row.

    Args:
        path: The file.
        columns: The columns, in the order that the network takes them; all where left out.
        without: Columns that are no input, should they be there: targets and weights.
        delimiter: What separates the columns.

    Raises:
        UnusableError: The file cannot be read.
        RefusedError: A column is missing, or a cell is no number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableError(f"{path}: it cannot be read as a table: {error}") from None
    if len(rows) < 2:
        raise RefusedError(f"{path}: a table has a header and at least one row")
    header = [name.strip() for name in rows[0][1]]
    if _is_sample(header):
        raise RefusedError(
            f"{path}:{rows[0][0]}: the first row holds numbers, and a table begins with the names of its columns",
            "write the names above it; whole numbers will do",
        )
    names = list(columns) if columns is not None else [name for name in header if name not in without]
    missing = [name for name in names if name not in header]
    if missing:
        raise RefusedError(
            f"{path}: there is no column `{missing[0]}`", f"its columns are {', '.join(header)}"
        )
    places = [header.index(name) for name in names]
    values = np.empty((len(rows) - 1, len(places)))
    for i, (line, row) in enumerate(rows[1:]):
        if len(row) != len(header):
            raise RefusedError(f"{path}:{line}: this row has {len(row)} values, and the header {len(header)}")
        for j, place in enumerate(places):
            try:
                values[i, j] = float(row[place])
            except ValueError:
                raise RefusedError(
                    f"{path}:{line}: `{header[place]}` is `{row[place]}`, and numbers are needed"
                ) from None
    return Inputs(tuple(str(row) for row in range(len(values))), values)


def _is_sample(header: Sequence[str]) -> bool:
    """Whether a first row is one of values: a fraction is no name, and no two columns have the same."""
    numbers = [name for name in header if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", name)]
    fraction = any(not name.isdecimal() for name in numbers)
    return len(numbers) == len(header) and (fraction or len(set(numbers)) < len(numbers))
