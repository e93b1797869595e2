"""Tables: columns by name."""

import codecs
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape

# Categories are looked for in files up to this, in bytes.
_SMALL = 20_000_000

_Column = Annotated[str, Field(min_length=1)]


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"`{name}` is not an encoding; `utf-8`, `cp1252` and `utf-16` are some") from None
    return name


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
    ignore: list[_Column] | None = Field(
        None, min_length=1, description="Columns that are not read; none where left out."
    )
    categories: list[_Column] | dict[_Column, Annotated[list[str], Field(min_length=1)]] | None = Field(
        None,
        min_length=1,
        description="Columns of text, each of whose values becomes an input of 0 or 1: their names, or their values "
        "too, such as `{colour: [red, green]}`; in alphabetical order where left out.",
    )
    units: dict[str, str] | None = Field(
        None,
        min_length=1,
        description="The units of columns, such as `{height: m}`: exports and the service state them.",
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
        named = (name for name in (self.weight, self.split, by) if name is not None)
        return {*self.targets_list, *named, *(self.ignore or ())}

    def feature_columns(self, header: Sequence[str]) -> list[str]:
        """The columns of the inputs, in the order that a network takes them.

        Args:
            header: The columns of the training's table.
        """
        return self.features or [name for name in header if name not in self.other_columns]

    def read_from(self, header: Sequence[str]) -> "TableSpec":
        """The same with what is left to the training's table filled in: nothing depends on a table's order then.

        Args:
            header: The columns of that table.
        """
        features = self.feature_columns(header)
        ignored = [
            name for name in header if name not in {*features, *self.targets_list, self.weight, self.split}
        ]
        ignored += [name for name in self.ignore or () if name not in header]
        return self.model_copy(update={"features": features, "ignore": ignored or None})

    def input_columns(self) -> list[InputColumn] | None:
        """The features; None where they are left to the training's table."""
        if self.features is None:
            return None
        units = self.units or {}
        codes = self.codes
        if any(codes.get(name, ()) is None for name in self.features):
            return None
        found: list[InputColumn] = []
        for name in self.features:
            known = codes.get(name)
            found += (
                [InputColumn(name, units.get(name))]
                if known is None
                else [InputColumn(name, None, category) for category in known]
            )
        return found

    @property
    def codes(self) -> dict[str, list[str] | None]:
        """The values of each column of text; None where they are left to the training's table."""
        if isinstance(self.categories, dict):
            return dict(self.categories)
        return dict.fromkeys(self.categories or ())

    @property
    def numeric(self) -> list[str]:
        """The features that are numbers; none where they are left to the training's table."""
        return [name for name in self.features or () if name not in self.codes]

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
    decimal: Literal[".", ","] = Field(".", description="What stands before the fraction of a number.")
    encoding: Annotated[str, AfterValidator(_known_encoding)] = Field(
        "utf-8", min_length=1, description="How the file's text is encoded, such as `cp1252`."
    )

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of inputs; None where the file is not there, or is too long to look for its categories."""
        if self.features is not None and (columns := self.input_columns()) is not None:
            return (len(columns),)
        header = self.header(folder)
        width = len(self.feature_columns(header)) if header is not None else 0
        if header is None or not 0 < width < len(header):
            return None
        found = self._with_codes(folder, header).read_from(header).input_columns()
        return (len(found),) if found is not None else None

    def _with_codes(self, folder: Path, header: list[str]) -> "TableSpec":
        """The same with the values of its columns of text, as far as they can be found soon."""
        places = {
            name: header.index(name) for name, known in self.codes.items() if known is None and name in header
        }
        path = folder / self.path
        if not places or path.stat().st_size > _SMALL:
            return self
        found: dict[str, set[str]] = {name: set() for name in places}
        for file in self.files().values():
            try:
                with (folder / file).open(encoding=text_encoding(self.encoding), newline="") as opened:
                    rows = csv.reader(opened, delimiter=self.delimiter)
                    next(rows, None)
                    for row in rows:
                        for name, place in places.items():
                            found[name].update(cell.strip() for cell in row[place : place + 1])
            except (OSError, csv.Error, ValueError):
                return self
        return self.model_copy(update={"categories": {name: sorted(found[name] - {""}) for name in places}})

    def header(self, folder: Path) -> list[str] | None:
        """The names of the columns; None where they cannot be read."""
        # A pipe would be waited for.
        if not (folder / self.path).is_file():
            return None
        try:
            with (folder / self.path).open(encoding=text_encoding(self.encoding), newline="") as file:
                return [name.strip() for name in next(csv.reader(file, delimiter=self.delimiter))]
        except (OSError, StopIteration, csv.Error, LookupError, ValueError):
            return None


def text_encoding(name: str) -> str:
    """The encoding that a file is opened with: a mark at the beginning of UTF-8 is no part of a column's name."""
    return "utf-8-sig" if name.lower().replace("_", "-") in ("utf-8", "utf8") else name


class Parquet(TableSpec):
    """A Parquet table of numbers; text in the target column is a class by name. Needs the extra `parquet`."""

    source_name = "parquet"

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of inputs, where they are named: the file is not opened for it."""
        columns = self.input_columns()
        return (len(columns),) if columns is not None else None
