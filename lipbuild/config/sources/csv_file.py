import csv
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from lipbuild.config.sources.table import TableSpec
from lipbuild.network.shapes import Shape


class Csv(TableSpec):
    """A table of numbers with a header; text in the target column is a class by name."""

    source_name: ClassVar[str] = "csv"

    delimiter: str = Field(",", min_length=1, max_length=1, description="What separates the columns.")

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of feature columns; None where the file is not there."""
        if self.features is not None:
            return (len(self.features),)
        try:
            with (folder / self.path).open(encoding="utf-8-sig", newline="") as file:
                header = next(csv.reader(file, delimiter=self.delimiter))
        except (OSError, StopIteration, csv.Error, UnicodeDecodeError):
            return None
        width = sum(column.strip() not in self.other_columns for column in header)
        return (width,) if 0 < width < len(header) else None
