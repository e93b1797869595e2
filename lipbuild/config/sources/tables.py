"""Tables: columns by name."""

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from lipbuild.config.sources.cells import BEYOND, LARGEST_INPUT, Fault, is_nothing, nothing, number_of
from lipbuild.config.sources.fill import CONSTANT, Fill, Filling, fillings, named_in
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.fields.misfit import misfit
from lipbuild.network.shapes import Shape

# Not every config has a table.
if TYPE_CHECKING:
    from lipbuild.config.sources.table_header import TableStart

# Categories and missing cells are looked for in files up to this, in bytes.
_SMALL = 20_000_000

_Column = Annotated[str, Field(min_length=1)]


def _known_encoding(name: str) -> str:
    try:
        # Some codecs turn bytes into bytes, and do not encode text.
        "".encode(name)
    except (LookupError, UnicodeError):
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
        None, min_length=1, description="The columns of the inputs. Default: all other columns."
    )
    ignore: list[str] | None = Field(
        None,
        min_length=1,
        description='Columns that are not read, `""` for one without a name. Default: none.',
    )
    categories: list[_Column] | dict[_Column, Annotated[list[str], Field(min_length=1)]] | None = Field(
        None,
        min_length=1,
        description="Columns of text, each of whose values becomes an input of 0 or 1: their names, or their values "
        "too, such as `{colour: [red, green]}`; in alphabetical order by default.",
    )
    fill: Fill = Field(
        None,
        description="The value of a missing cell of an input: `median`, `mean`, `most_frequent` (of the training part) "
        "or `{constant: 0}`, for all columns or for each by its name, such as `{height: median, colour: {constant: "
        "unknown}}`. Columns of text take the most frequent value, or a text. Without it a missing cell is refused.",
    )
    indicator: bool | Annotated[list[_Column], Field(min_length=1)] = Field(
        False,
        description="Whether each column with missing cells gets an input besides, `NAME_missing`, which is 1 where "
        "its cell is missing and otherwise 0; or the names of such columns.",
    )
    missing: Annotated[list[float | str], Field(min_length=1)] | None = Field(
        None,
        description="Numbers and texts that stand for a missing cell, such as `[-999, unknown]`, besides an empty cell "
        "and, in a column of numbers, `NA`, `N/A`, `NaN`, `null`, `none`, `missing`, `?`, `-` and `.`.",
    )
    units: dict[str, str] | None = Field(
        None,
        min_length=1,
        description="The units of columns, such as `{height: m}`: exports and the service state them.",
    )
    weight: _Column | None = Field(
        None, description="The column of the samples' weights. Default: each counts 1."
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
        description="Another file with the test's samples. Default: a share is drawn.",
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
        """The columns that are not inputs."""
        by = self.parts_by.name if self.parts_by is not None else None
        named = (name for name in (self.weight, self.split, by) if name is not None)
        return {*self.targets_list, *named, *(self.ignore or ())}

    def feature_columns(self, header: Sequence[str]) -> list[str]:
        """The columns of the inputs, in the order that a network takes them.

        Args:
            header: The columns of the training's table.
        """
        others = self.other_columns
        return self.features or [name for name in header if name not in others]

    def read_from(self, header: Sequence[str]) -> "TableSpec":
        """The same with what is left to the training's table filled in: nothing depends on a table's order then.

        Args:
            header: The columns of that table.
        """
        features = self.feature_columns(header)
        read = {*features, *self.targets_list, self.weight, self.split}
        there = set(header)
        ignored = [name for name in header if name not in read]
        ignored += [name for name in self.ignore or () if name not in there]
        return self.model_copy(update={"features": features, "ignore": ignored or None})

    def input_columns(self) -> list[InputColumn] | None:
        """The features; None where they are left to the training's table."""
        if self.features is None or self.indicator is True:
            return None
        units = self.units or {}
        codes, filled, indicated = self.codes, self.fillings, set(self.indicated)
        if any(codes.get(name, ()) is None for name in self.features):
            return None
        found: list[InputColumn] = []
        for name in self.features:
            known = codes.get(name)
            fill = filled[name].value if name in filled else None
            if known is None:
                found.append(
                    InputColumn(name, units.get(name), fill=fill if isinstance(fill, float) else None)
                )
            else:
                found += [
                    InputColumn(name, None, category, None if fill is None else float(category == fill))
                    for category in known
                ]
            if name in indicated:
                found.append(InputColumn(f"{name}_missing", fill=1.0, indicates=name))
        return found

    @property
    def fillings(self) -> dict[str, Filling]:
        """What fills each feature that is filled; none where the features are left to the training's table."""
        return fillings(self.fill, self.features or (), self.codes)

    @property
    def indicated(self) -> list[str]:
        """The columns with an indicator; none where they are left to the training's table."""
        return self.indicator if isinstance(self.indicator, list) else []

    def filled_by(self, values: Mapping[str, float | str]) -> "TableSpec":
        """The same with the values that fill its columns."""
        fill: dict[str, Any] = {name: {CONSTANT: value} for name, value in values.items()}
        return self.model_copy(update={"fill": fill or None})

    def is_missing(self, cell: str, *, text: bool) -> bool:
        """Whether a cell stands for nothing.

        Args:
            cell: What it holds.
            text: Whether its column is one of text, in which `NA` may be a name.
        """
        cell = cell.strip()
        return not cell or cell in self.missing_texts or (not text and is_nothing(cell))

    @cached_property
    def missing_texts(self) -> frozenset[str]:
        """The texts, besides the usual ones, that stand for a missing cell."""
        return frozenset(one if isinstance(one, str) else f"{one:.17g}" for one in self.missing or ())

    @cached_property
    def missing_numbers(self) -> list[float]:
        """The numbers that stand for a missing cell."""
        said = (one if isinstance(one, float) else number_of(one) for one in self.missing or ())
        return [one for one in said if not isinstance(one, Fault)]

    def categories_of(self, name: str, cells: Collection[str]) -> list[str]:
        """The values of a column of text, sorted.

        Args:
            name: Its name.
            cells: What it holds.
        """
        found = {cell.strip() for cell in cells}
        fill = self.fillings[name].value if name in self.fillings else None
        return sorted(
            {c for c in found if not self.is_missing(c, text=True)}
            | ({fill} if isinstance(fill, str) else set())
        )

    def as_found(self, codes: Mapping[str, list[str]], indicated: list[str]) -> "TableSpec":
        """The same with what is left to the training's table filled in.

        Args:
            codes: The values of each column of text.
            indicated: The columns with missing cells, which get an indicator where all such columns get one.
        """
        update: dict[str, Any] = {"categories": dict(codes) or None}
        if self.indicator is True:
            update["indicator"] = indicated or False
        return self.model_copy(update=update)

    @property
    def known_codes(self) -> dict[str, list[str]]:
        """The values of each column of text that the config names with them."""
        return {name: known for name, known in self.codes.items() if known is not None}

    @property
    def codes(self) -> dict[str, list[str] | None]:
        """The values of each column of text; None where they are left to the training's table."""
        if isinstance(self.categories, dict):
            return dict(self.categories)
        return dict.fromkeys(self.categories or ())

    @model_validator(mode="after")
    def _are_named_once(self) -> "TableSpec":
        lists = {
            "target": self.targets_list,
            "features": self.features or [],
            "categories": list(self.categories or ()),
            "indicator": self.indicated,
        }
        for key, names in lists.items():
            for name, times in Counter(names).items():
                if times > 1:
                    raise misfit(f"`{key}` names `{name}` twice", key)
        for name, values in self.known_codes.items():
            if len(set(values)) < len(values):
                raise misfit(f"`categories` names a value of `{name}` twice", "categories")
        lists["fill"] = named_in(self.fill)
        others, features = self.other_columns, None if self.features is None else set(self.features)
        for key in ("categories", "indicator", "fill"):
            for name in lists[key]:
                if name in others or (features is not None and name not in features):
                    raise misfit(f"`{key}` names `{name}`, which is not a feature", key)
        return self

    @model_validator(mode="after")
    def _are_filled(self) -> "TableSpec":
        if self.indicator and self.fill is None:
            raise misfit(
                "`indicator` says which cells were missing, and nothing fills them",
                "indicator",
                help="add `fill: median`",
            )
        for name in named_in(self.fill):
            if name not in self.codes and isinstance(fillings(self.fill, [name], [])[name].value, str):
                raise misfit(
                    f"`fill` gives `{name}` a text, and it is a column of numbers",
                    "fill",
                    help=f"give it a number, or declare it in `categories: [{name}]`",
                )
        for name, known in self.codes.items():
            found = fillings(self.fill, [name], [name]).get(name)
            if found is None:
                continue
            if found.way in ("median", "mean") or isinstance(found.value, float):
                raise misfit(
                    f"`{name}` is a column of text, and `fill` gives it "
                    f"{'a number' if found.value is not None else f'the {found.way}'}",
                    "fill",
                    "categories",
                    help=f"fill it with a value, such as `{name}: most_frequent` or `{name}: {{constant: unknown}}`",
                )
            if known is not None and isinstance(found.value, str) and found.value not in known:
                raise misfit(
                    f"`fill` gives `{name}` the value `{found.value}`, which is none of its categories",
                    "fill",
                    "categories",
                    help=f"add `{found.value}` to them",
                )
        return self

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

    def value_of(self, cell: str, *, text: bool) -> float | str | Fault:
        """What a cell of an input says: a number or a text, or why it says neither.

        Args:
            cell: What it holds.
            text: Whether its column is one of text.
        """
        found = cell.strip() if text else number_of(cell, self.decimal)
        if self.is_missing(cell, text=text) or found in self.missing_numbers:
            return nothing(cell)
        return BEYOND if isinstance(found, float) and abs(found) > LARGEST_INPUT else found

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of inputs; None where the file is not there, or is too long to look for its categories."""
        if self.features is not None and (columns := self.input_columns()) is not None:
            return (len(columns),)
        header = self.header(folder)
        width = len(self.feature_columns(header)) if header is not None else 0
        if header is None or not 0 < width < len(header):
            return None
        found = self._as_found(folder, self.read_from(header), header).input_columns()
        return (len(found),) if found is not None else None

    def _as_found(self, folder: Path, known: "TableSpec", header: list[str]) -> "TableSpec":
        """The same with the values of its columns of text and its indicators, as far as they can be found soon.

        Args:
            folder: Where relative paths start.
            known: The same with its columns.
            header: The columns of the training's table.
        """
        from lipbuild.config.sources.table_header import rows_of

        texts = {name for name, values in self.codes.items() if values is None and name in header}
        gaps = set(known.fillings) & set(header) if self.indicator is True else set()
        places = {name: header.index(name) for name in texts | gaps}
        files = [folder / file for file in self.files().values()]
        if not places or not all(file.is_file() for file in files):
            return known
        if sum(file.stat().st_size for file in files) > _SMALL:
            return known
        found: dict[str, set[str]] = {name: set() for name in places}
        for file in files:
            try:
                with file.open(encoding=text_encoding(self.encoding), newline="") as opened:
                    rows = rows_of(opened, self.delimiter)
                    next(rows, None)
                    for _, row in rows:
                        for name, place in places.items():
                            found[name].update(row[place : place + 1])
            except (OSError, csv.Error, ValueError):
                return known
        indicated = [name for name in known.fillings if name in gaps and self._has_gaps(name, found[name])]
        values = {name: known.categories_of(name, found[name]) for name in texts}
        return known.as_found({**known.known_codes, **values}, indicated)

    def _has_gaps(self, name: str, cells: Collection[str]) -> bool:
        """Whether some of the cells of a column are missing."""
        found = (self.value_of(cell, text=name in self.codes) for cell in cells)
        return any(isinstance(one, Fault) and one.is_missing for one in found)

    @cached_property
    def starts(self) -> "dict[tuple[Path, str, str], TableStart]":
        """What has been read of tables, for all that asks for it. A copy may name another table."""
        return {}

    def start(self, folder: Path) -> "TableStart | None":
        """The header and the first rows of the training's table, read once; None where there is no file."""
        from lipbuild.config.sources.table_header import table_start

        key = (folder / self.path, text_encoding(self.encoding), self.delimiter)
        # A pipe would be waited for.
        if key not in self.starts and key[0].is_file():
            self.starts[key] = table_start(*key)
        return self.starts.get(key)

    def fault(self, folder: Path) -> tuple[str, str] | None:
        """What is wrong with the header and the first rows, and what to do; None also where there is no file."""
        start = self.start(folder)
        return start.fault if start is not None else None

    def header(self, folder: Path) -> list[str] | None:
        """The names of the columns; None where they cannot be read."""
        start = self.start(folder)
        return start.header or None if start is not None else None


def text_encoding(name: str) -> str:
    """The encoding that a file is opened with: a byte order mark is not part of a column's name."""
    return "utf-8-sig" if name.lower().replace("_", "-") in ("utf-8", "utf8") else name


class Parquet(TableSpec):
    """A Parquet table of numbers; text in the target column is a class by name. Needs the extra `parquet`."""

    source_name = "parquet"

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of inputs, where they are named: the file is not opened for it."""
        columns = self.input_columns()
        return (len(columns),) if columns is not None else None
