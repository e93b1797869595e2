from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.cells import BEYOND, LARGEST_INPUT, LARGEST_WHOLE, Fault, nothing, number_of
from lipbuild.config.sources.tables import Parquet, TableSpec
from lipbuild.data.raw import RawData
from lipbuild.data.sources.table import Bad, Columns, Table, load_table
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.missing import install_command
from lipbuild.reading.file import check_file


def load_parquet(spec: Parquet, folder: Path, seed: int) -> RawData:
    """The rows of a Parquet file.

    Raises:
        UnusableError: The file is missing or no Parquet, or PyArrow is not installed.
        RefusedError: A column is missing, or a feature is not a number.
    """
    return load_table(spec, folder, lambda path, name: ParquetTable(path, spec, name))


class ParquetTable(Table):
    """A table of typed columns.

    Args:
        path: The file.
        spec: What stands for a missing cell in it.
        key: The key of the config that names it.
    """

    def __init__(self, path: Path, spec: TableSpec | None = None, key: str = "") -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise UnusableError(
                "Parquet files are read by PyArrow, which is not installed",
                install_command("parquet"),
            ) from None
        self.path = path
        self._sentinels = spec.missing_numbers if spec is not None else []
        check_file(path, f"`data.source.parquet.{key}` names it" if key else "")
        try:
            self._table: Any = parquet.read_table(path, page_checksum_verification=True)
        except (OSError, ValueError, MemoryError, pyarrow.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise UnusableError(f"{path}: it cannot be read as a Parquet table: {reason}") from None
        self.header = list(self._table.column_names)
        if not self._table.num_rows:
            raise RefusedError(f"{path}: a table has at least one row, and this has none")

    def read(
        self,
        features: Sequence[str],
        others: Sequence[str],
        dtype: type = np.float32,
        filled: Collection[str] = (),
        as_numbers: Collection[str] = (),
    ) -> tuple[NDArray[np.floating], Columns]:
        """See `Table.read`. Others are text or numbers, as they are typed."""
        import pyarrow

        numbers = np.empty((self._table.num_rows, len(features)), dtype)
        bad = []
        for j, name in enumerate(features):
            values = self._column(name)
            wrong = self._fault(values, name in filled)
            if wrong is not None:
                bad.append(Bad(wrong[0], name, "feature", *wrong[1:]))
                continue
            if values.null_count:
                values = values.cast("float64", safe=False)
            numbers[:, j] = values.to_numpy(zero_copy_only=False)
            numbers[self._stands_for_missing(values).to_numpy(zero_copy_only=False), j] = np.nan
        if bad:
            self.refuse(bad)
        columns: Columns = {}
        for name in others:
            values = self._column(name) if name in filled else self._filled(name)
            if pyarrow.types.is_dictionary(values.type):
                values = values.dictionary_decode()
            if values.null_count:
                columns[name] = np.array(["" if v is None else str(v) for v in values.to_pylist()], dtype=str)
            elif _is_number(values.type):
                columns[name] = np.asarray(values.to_numpy(zero_copy_only=False))
            elif pyarrow.types.is_string(values.type) or pyarrow.types.is_large_string(values.type):
                columns[name] = np.array(values.to_pylist(), dtype=str)
            else:
                raise RefusedError(
                    f"{self.path}: the column `{name}` is {values.type}, and numbers or text are needed"
                )
        return numbers, columns

    def parse(self, cells: NDArray[np.generic]) -> NDArray[np.float64] | dict[str, float | Fault]:
        """See `Table.parse`. Text is text, whatever it looks like."""
        if cells.dtype.kind in "US":
            text, empty = Fault("text", "is text", ""), number_of("")
            return {cell: text if cell.strip() else empty for cell in set(cells.tolist())}
        return cells.astype(np.float64)

    def place(self, row: int, column: str) -> str:
        """The file, and the row from 1."""
        return f"{self.path}: row {row + 1}"

    def _fault(self, values: Any, filled: bool) -> tuple[int, str, Fault] | None:
        """The first row of a column that is not a finite number, what it holds, and why that will not do.

        Args:
            values: The column.
            filled: Whether a missing cell is let through.
        """
        import pyarrow.compute as pc
        from pyarrow import types

        if not _is_number(values.type):
            advice = "declare it in `categories`, or leave it out by `ignore`"
            return (
                0,
                str(values[0].as_py()),
                Fault("text", f"is {values.type}, and numbers are needed", advice),
            )
        tests = [] if filled else [(values.is_null(), nothing(""))]
        missing = self._stands_for_missing(values)
        if not filled:
            tests.append((missing, nothing("missing")))
        if types.is_floating(values.type):
            if not filled:
                tests.append((pc.is_nan(values), nothing("nan")))
            infinite = Fault("malformed", "is not a finite number", "write a number, or leave its row out")
            tests.append((pc.is_inf(values), infinite))
            tests.append((pc.and_not(pc.greater(pc.abs(values), LARGEST_INPUT), missing), BEYOND))
        else:
            large = pc.greater(values, LARGEST_WHOLE)
            if types.is_signed_integer(values.type):
                # Not by absolute values: that of the least value is not a number of the type.
                large = pc.or_(large, pc.less(values, -LARGEST_WHOLE))
            tests.append(
                (large, Fault("malformed", "is a whole number beyond 2⁵³", "leave it out by `ignore`"))
            )
        for test, fault in tests:
            row = pc.index(test, True).as_py()
            if row >= 0:
                cell = values[row].as_py()
                return row, "" if cell is None else str(cell), fault
        return None

    def _stands_for_missing(self, values: Any) -> Any:
        """Which cells hold a number of `missing`, as the type of the column has it."""
        import pyarrow
        import pyarrow.compute as pc

        own = values if pyarrow.types.is_floating(values.type) else values.cast("float64", safe=False)
        return pc.is_in(own, pyarrow.array(self._sentinels, "float64").cast(own.type, safe=False))

    def texts(self, column: str) -> list[str]:
        """A column as text; a time as an ISO date."""
        import pyarrow

        values = self._filled(column)
        if pyarrow.types.is_timestamp(values.type):
            values = values.cast(pyarrow.timestamp("us", values.type.tz), safe=False)
        return [str(value).strip() for value in values.to_pylist()]

    def _column(self, name: str) -> Any:
        """A column in one piece. What has half precision becomes float32, which PyArrow can compute with."""
        import pyarrow

        values = self._table.column(name).combine_chunks()
        return values.cast("float32") if pyarrow.types.is_float16(values.type) else values

    def _filled(self, column: str) -> Any:
        """A column without gaps."""
        values = self._column(column)
        if values.null_count:
            row = next(i for i, valid in enumerate(values.is_valid().to_pylist()) if not valid)
            raise RefusedError(
                f"{self.path}: row {row + 1} of the column `{column}` holds nothing", "remove or fill it"
            )
        return values


def _is_number(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))
