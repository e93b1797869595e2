from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.tables import Csv
from lipbuild.data.raw import RawData
from lipbuild.data.sources.table import Table, load_table
from lipbuild.errors import RefusedError, UnusableError


def load_csv(spec: Csv, folder: Path, seed: int) -> RawData:
    """The rows of a table with a header.

    Raises:
        UnusableError: The file is missing or no text.
        RefusedError: A column is missing, a row has the wrong length, a feature is no number.
    """
    return load_table(spec, folder, lambda path, name: CsvTable(path, spec.delimiter, name))


class CsvTable(Table):
    """A table of text.

    Args:
        path: The file.
        delimiter: What separates its columns.
        key: The key of the config that names it.
    """

    def __init__(self, path: Path, delimiter: str, key: str) -> None:
        self.path = path
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, delimiter=delimiter)
                rows = [(reader.line_num, row) for row in reader if row]
        except FileNotFoundError:
            raise UnusableError(
                f"{path}: there is no such file", f"`data.source.csv.{key}` names it"
            ) from None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UnusableError(f"{path}: it cannot be read as a table: {error}") from None
        if len(rows) < 2:
            raise RefusedError(
                f"{path}: a table has a header and at least one row, and this has {len(rows)} lines"
            )
        self.header = [name.strip() for name in rows[0][1]]
        self._rows = rows[1:]
        for line, row in self._rows:
            if len(row) != len(self.header):
                raise RefusedError(
                    f"{path}:{line}: this row has {len(row)} values, and the header {len(self.header)}"
                )

    def __len__(self) -> int:
        return len(self._rows)

    def numbers(self, column: str, what: str = "feature") -> NDArray[np.float64]:
        """A column of numbers."""
        place = self.header.index(column)
        values: NDArray[np.float64] = np.empty(len(self._rows))
        for index, (line, row) in enumerate(self._rows):
            try:
                values[index] = float(row[place])
            except ValueError:
                found = f"`{row[place]}`" if row[place].strip() else "nothing"
                raise RefusedError(
                    f"{self.path}:{line}: the {what} `{column}` is {found}, and numbers are needed",
                    "name the columns with numbers in `features:`",
                ) from None
        return values

    def texts(self, column: str) -> list[str]:
        """A column as it stands in the file."""
        place = self.header.index(column)
        return [row[place].strip() for _, row in self._rows]

    def place(self, row: int) -> str:
        """The file and the line."""
        return f"{self.path}:{self._rows[row][0]}"

    def values(self, column: str) -> NDArray[np.generic]:
        """Numbers where all are numbers, otherwise text."""
        text = self.texts(column)
        try:
            return np.array([float(value) for value in text])
        except ValueError:
            return np.array(text)
