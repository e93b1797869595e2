import csv
from pathlib import Path
from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.source_spec import SourceSpec


class Csv(SourceSpec):
    """A table of numbers with a header; one column is the target, text in it is a class by name."""

    source_name: ClassVar[str] = "csv"

    path: str = Field(min_length=1, description="The file, from the folder of the config.")
    target: str = Field(min_length=1, description="The column of the labels.")
    features: list[str] | None = Field(
        None, min_length=1, description="The columns of the inputs; all others where left out."
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="What separates the columns.")

    def files(self) -> dict[str, str]:
        """The table."""
        return {"path": self.path}

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of feature columns; None where the file is not there."""
        if self.features is not None:
            return (len(self.features),)
        try:
            with (folder / self.path).open(encoding="utf-8-sig", newline="") as file:
                header = next(csv.reader(file, delimiter=self.delimiter))
        except (OSError, StopIteration, csv.Error, UnicodeDecodeError):
            return None
        width = sum(column.strip() != self.target for column in header)
        return (width,) if 0 < width < len(header) else None
