from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.tables import Parquet
from lipbuild.data.raw import RawData
from lipbuild.data.sources.table import Table, load_table
from lipbuild.errors import RefusedError, UnusableError


def load_parquet(spec: Parquet, folder: Path, seed: int) -> RawData:
    """The rows of a Parquet file.

    Raises:
        UnusableError: The file is missing or no Parquet, or PyArrow is not installed.
        RefusedError: A column is missing, or a feature is no number.
    """
    return load_table(spec, folder, ParquetTable)


class ParquetTable(Table):
    """A table of typed columns.

    Args:
        path: The file.
        key: The key of the config that names it.
    """

    def __init__(self, path: Path, key: str) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise UnusableError(
                "Parquet files are read by PyArrow, which is not installed",
                "`pip install 'lipbuild[parquet]'`",
            ) from None
        self.path = path
        try:
            self._table: Any = parquet.read_table(path)
        except FileNotFoundError:
            raise UnusableError(
                f"{path}: there is no such file", f"`data.source.parquet.{key}` names it"
            ) from None
        except (OSError, ValueError, pyarrow.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise UnusableError(f"{path}: it cannot be read as a Parquet table: {reason}") from None
        self.header = list(self._table.column_names)

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def numbers(self, column: str, what: str = "feature") -> NDArray[np.float64]:
        """A column of numbers."""
        import pyarrow

        values = self._filled(column)
        kind = values.type
        if not (
            pyarrow.types.is_integer(kind)
            or pyarrow.types.is_floating(kind)
            or pyarrow.types.is_boolean(kind)
        ):
            raise RefusedError(
                f"{self.path}: the {what} `{column}` is {kind}, and numbers are needed",
                "name the columns with numbers in `features:`",
            )
        return np.asarray(values.to_numpy(zero_copy_only=False), np.float64)

    def values(self, column: str) -> NDArray[np.generic]:
        """Numbers where the column has numbers, otherwise text."""
        import pyarrow

        values = self._filled(column)
        if pyarrow.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        kind = values.type
        if (
            pyarrow.types.is_integer(kind)
            or pyarrow.types.is_floating(kind)
            or pyarrow.types.is_boolean(kind)
        ):
            return np.asarray(values.to_numpy(zero_copy_only=False))
        if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            raise RefusedError(
                f"{self.path}: the column `{column}` is {kind}, and numbers or text are needed"
            )
        return np.array(values.to_pylist(), dtype=str)

    def texts(self, column: str) -> list[str]:
        """A column as text; a time as an ISO date."""
        import pyarrow

        values = self._filled(column)
        if pyarrow.types.is_timestamp(values.type):
            values = values.cast(pyarrow.timestamp("us", values.type.tz), safe=False)
        return [str(value).strip() for value in values.to_pylist()]

    def place(self, row: int) -> str:
        """The file and the row."""
        return f"{self.path}: row {row + 1}"

    def _filled(self, column: str) -> Any:
        """A column without gaps."""
        values = self._table.column(column).combine_chunks()
        if values.null_count:
            row = next(i for i, valid in enumerate(values.is_valid().to_pylist()) if not valid)
            raise RefusedError(
                f"{self.path}: row {row + 1} of the column `{column}` holds nothing", "remove or fill it"
            )
        return values
