from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.source.suggest import nearest
from lipbuild.spec.sources.csv_file import Csv


def load_csv(spec: Csv, folder: Path, seed: int) -> RawData:
    """The rows of a table with a header.

    Raises:
        UnusableError: The file is missing or no text.
        RefusedError: A column is missing, a row has the wrong length, a feature is no number.
    """
    path = folder / spec.path
    header, rows = _read(path, spec.delimiter)
    target = _column(header, spec.target, path)
    names = spec.features or [name for name in header if name != spec.target]
    if spec.target in names:
        raise RefusedError(f"{path}: the target `{spec.target}` is also named as a feature")
    columns = [_column(header, name, path) for name in names]
    if not columns:
        raise RefusedError(f"{path}: there is no column besides the target `{spec.target}`")
    features = np.empty((len(rows), len(columns)), dtype=np.float64)
    for index, (line, row) in enumerate(rows):
        if len(row) != len(header):
            raise RefusedError(f"{path}:{line}: this row has {len(row)} values, and the header {len(header)}")
        for place, column in enumerate(columns):
            try:
                features[index, place] = float(row[column])
            except ValueError:
                what = f"`{row[column]}`" if row[column].strip() else "nothing"
                raise RefusedError(
                    f"{path}:{line}: the feature `{header[column]}` is {what}, and numbers are needed",
                    "name the columns with numbers in `features:`",
                ) from None
    return RawData(features, _labels([row[target].strip() for _, row in rows]))


def _read(path: Path, delimiter: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            rows = [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise UnusableError(f"{path}: there is no such file", "`data.source.csv.path` names it") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableError(f"{path}: it cannot be read as a table: {error}") from None
    if len(rows) < 2:
        raise RefusedError(
            f"{path}: a table has a header and at least one row, and this has {len(rows)} lines"
        )
    return [name.strip() for name in rows[0][1]], rows[1:]


def _column(header: list[str], name: str, path: Path) -> int:
    if name in header:
        return header.index(name)
    near = nearest(name, header)
    advice = (
        f"there is a column with a similar name: `{near}`" if near else f"its columns are {', '.join(header)}"
    )
    raise RefusedError(f"{path}: there is no column `{name}`", advice)


def _labels(values: list[str]) -> NDArray[np.generic]:
    """Numbers where all are numbers, otherwise text."""
    try:
        numbers = np.array([float(value) for value in values])
    except ValueError:
        return np.array(values)
    return numbers
