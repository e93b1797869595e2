"""Tables: columns by name."""

import csv
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape

_Column = Annotated[str, Field(min_length=1)]


def _a_column(value: object) -> object:
    if isinstance(value, dict):
        raise ValueError(
            "`split` of a table is the column that names the part of each row; what parts are drawn by, `group` or "
            "`time`, is `split` of `data`, beside `source`"
        )
    return value


class TableSpec(SourceSpec):
    """The base of tables: columns by name, one or several of them the target."""

    split_names = "column"

    path: str = Field(min_length=1, description="The file, from the folder of the config.")
    target: _Column | list[_Column] = Field(
        min_length=1, description="The column of the labels, or several columns of numbers to predict."
    )
    features: list[_Column] | None = Field(
        None, min_length=1, description="The columns of the inputs; all others where left out."
    )
    weight: _Column | None = Field(
        None, description="The column of the samples' weights; each counts 1 where left out."
    )
    split: Annotated[
        _Column | None, BeforeValidator(_a_column), WithJsonSchema({"type": "string", "minLength": 1})
    ] = Field(
        None,
        description="The column that says `train`, `validation` or `test` of each sample. What parts are drawn by "
        "otherwise is `data.split`.",
    )
    test: str | None = Field(
        None,
        min_length=1,
        description="Another file with the test's samples; a share is drawn where left out.",
    )
    validation: str | None = Field(
        None, min_length=1, description="Another file with the samples that each epoch is measured on."
    )

    @property
    def targets_list(self) -> list[str]:
        """The columns of the labels."""
        return self.target if isinstance(self.target, list) else [self.target]

    @property
    def other_columns(self) -> set[str]:
        """The columns that are no inputs."""
        by = self.parts_by.name if self.parts_by is not None else None
        return {*self.targets_list, *(name for name in (self.weight, self.split, by) if name is not None)}

    def files(self) -> dict[str, str]:
        """The tables."""
        return self._named("path", "test", "validation")

    def has_validation(self) -> bool:
        """Whether there is a file of its own; what a column says only the data tells."""
        return self.validation is not None or self.split is not None


class Csv(TableSpec):
    """A table of numbers with a header; text in the target column is a class by name."""

    source_name = "csv"

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


class Parquet(TableSpec):
    """A Parquet table of numbers; text in the target column is a class by name. Needs the extra `parquet`."""

    source_name = "parquet"

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of feature columns, where they are named: the file is not opened for it."""
        return (len(self.features),) if self.features is not None else None
