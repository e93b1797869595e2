"""From columns by name to features, labels, weights and parts: what all tables have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.cells import BEYOND, LARGEST_INPUT, Fault, nothing, shown
from lipbuild.config.sources.fill import named_in
from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.parts import GIVEN_PARTS
from lipbuild.data.parts_by import read_parts_by
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError
from lipbuild.text.suggest import nearest

# A value a row for each column.
Columns = dict[str, NDArray[np.generic]]


class Bad(NamedTuple):
    """A cell that is not what its column is for.

    Attributes:
        row: The row, from 0, without the header.
        column: The name of its column.
        what: What the column is: `feature`, `target`, `weight`, `split`, `label`.
        cell: What the cell holds.
        fault: Why that will not do.
    """

    row: int
    column: str
    what: str
    cell: str
    fault: Fault


class Table(ABC):
    """A table whose header has been read.

    Attributes:
        path: Its file.
        header: The names of its columns.
    """

    path: Path
    header: Sequence[str]

    @abstractmethod
    def read(
        self,
        features: Sequence[str],
        others: Sequence[str],
        dtype: type = np.float32,
        filled: Collection[str] = (),
        as_numbers: Collection[str] = (),
    ) -> tuple[NDArray[np.floating], Columns]:
        """All rows.

        Args:
            features: Columns of numbers.
            others: Columns of text or numbers.
            dtype: The type of the features.
            filled: The columns of which a missing cell is let through.
            as_numbers: Those of the others that are given as numbers where each of their cells is one.

        Returns:
            The features, (rows, features), NaN where a cell is missing, and a value a row for each other column, the
            text of a missing cell among them.

        Raises:
            RefusedError: A feature is not a number; the message names all columns in which one is not.
        """

    @abstractmethod
    def parse(self, cells: NDArray[np.generic]) -> NDArray[np.float64] | dict[str, float | Fault]:
        """What the cells of another column hold.

        Returns:
            Their numbers; where one of them is not a number, for each different cell its number or why it is not one.
        """

    @abstractmethod
    def place(self, row: int, column: str) -> str:
        """Where a cell is, for a message."""

    def refuse(self, bad: Sequence[Bad]) -> NoReturn:
        """Say what is wrong with the columns of a table, in one message."""
        first, *others = sorted(bad)
        message = f"{self.path_of(first)}: the {first.what} `{first.column}` {_said(first)}"
        few = [f"`{other.column}` {_said(other)} ({self.path_of(other)})" for other in others[:9]]
        if len(others) > len(few):
            few.append(f"{len(others) - len(few)} more")
        remedies = dict.fromkeys(one.fault.remedy for one in [first, *others] if one.fault.remedy)
        if not first.column:
            remedies = {'leave a column without a name out: `ignore: [""]`': None}
        raise RefusedError("; ".join([message, *few]), "; ".join(remedies))

    def path_of(self, bad: Bad) -> str:
        """Where a bad cell is."""
        return self.place(bad.row, bad.column)

    @abstractmethod
    def texts(self, column: str) -> list[str]:
        """A column as text, as it stands in the file."""

    def named(self, column: str) -> str:
        """The name of a column that is there.

        Raises:
            RefusedError: It is not there.
        """
        if column in self.header:
            return column
        near = nearest(column, self.header)
        advice = (
            f"there is a column with a similar name: `{near}`"
            if near
            else f"its columns are {', '.join(self.header)}"
        )
        raise RefusedError(f"{self.path}: there is no column `{column}`", advice)


def _said(bad: Bad) -> str:
    held = f"is {shown(bad.cell)}" if bad.cell.strip() else "is nothing"
    reason = f", which {bad.fault.reason}" if bad.fault.reason else ""
    return f"{held}{reason}"


def load_table(spec: TableSpec, folder: Path, read: Callable[[Path, str], Table]) -> RawData:
    """The rows of one part after another.

    Args:
        spec: The columns.
        folder: Where relative paths start.
        read: Opens the table of a path; it is told the key that names the path.

    Raises:
        UnusableError: A file is missing or no table.
        RefusedError: A column is missing, or holds what it must not.
    """
    tables = {name: read(folder / path, name) for name, path in spec.files().items()}
    first = tables["path"]
    targets = [first.named(column) for column in spec.targets_list]
    spec = spec.read_from(first.header)
    chosen = spec.features or []
    for name in chosen:
        if name in spec.other_columns:
            what = "target" if name in targets else "weight" if name == spec.weight else "split column"
            raise RefusedError(f"{first.path}: the {what} `{name}` is also named as a feature")
    if not chosen:
        raise RefusedError(f"{first.path}: there is no column except the target `{', '.join(targets)}`")
    for name in spec.codes:
        if name not in chosen:
            raise RefusedError(f"{first.path}: `categories` names `{name}`, which is not a feature")
    for key, names in (("fill", named_in(spec.fill)), ("indicator", spec.indicated)):
        for name in names:
            if name not in chosen:
                raise RefusedError(
                    f"{first.path}: `{key}` names `{name}`, which is not a feature",
                    f"there is `{near}`" if (near := nearest(name, chosen)) else "",
                )
            if name not in spec.fillings:
                raise RefusedError(
                    f"{first.path}: `indicator` names `{name}`, which nothing fills",
                    f"add `{name}: median` to `fill`",
                )
    ordered = [table for _, table in _in_order(tables)]
    for name in dict.fromkeys([*chosen, *targets]):
        for table in ordered:
            table.named(name)
    # Only the training's samples are weighted.
    extra = [first.named(name) for name in (spec.weight, spec.split) if name is not None]
    filled = list(spec.fillings)
    read_tables = [
        (
            table,
            *table.read(
                spec.numeric,
                [*spec.codes, *targets, *(extra if table is first else [])],
                filled=filled,
                as_numbers=[*targets, *([spec.weight] if spec.weight is not None else [])],
            ),
        )
        for table in ordered
    ]
    spec = as_found(spec, [(numbers, columns) for _, numbers, columns in read_tables])
    for column in spec.input_columns() or ():
        if column.indicates is not None and column.name in first.header:
            raise RefusedError(
                f"{first.path}: the indicator of `{column.indicates}` is called `{column.name}`, and there is a column "
                "of that name",
                "rename that column, or name in `indicator` the columns that get one",
            )
    features = [inputs_of(table, spec, own, columns) for table, own, columns in read_tables]
    labels = _labels([(table, columns) for table, _, columns in read_tables], targets)
    counts = {name: len(own) for (name, _), own in zip(_in_order(tables), features)}
    weights = None
    if spec.weight is not None:
        weights = np.ones(len(labels))
        weights[: len(features[0])] = _numbers(first, spec.weight, "weight", read_tables[0][2][spec.weight])
    raw = RawData(
        np.concatenate(features) if len(features) > 1 else features[0],
        labels,
        test=counts.get("test"),
        validation=counts.get("validation"),
        weights=weights,
        source=spec,
        parts_by=_parts_by(spec, first, targets),
        unit=f"the units of the data{_held_fixed(spec)}",
    )
    return (
        raw if spec.split is None else _divided(raw, first, spec.split, read_tables[0][2][spec.split], counts)
    )


def _parts_by(spec: TableSpec, table: Table, targets: Sequence[str]) -> NDArray[np.generic] | None:
    """What parts are drawn by, of the rows that they are drawn from."""
    split = spec.parts_by
    if split is None:
        return None
    column = table.named(split.name)
    if column in targets:
        raise RefusedError(f"{table.path}: parts are drawn by `{column}`, which is the target")
    return read_parts_by(split, table.texts(column), lambda row: table.place(row, column))


def _held_fixed(spec: TableSpec) -> str:
    """What a radius holds fixed."""
    held = [*(["categories"] if spec.codes else []), *(["indicators"] if spec.indicated else [])]
    return f", its {' and '.join(held)} held fixed" if held else ""


def as_found(spec: TableSpec, tables: Sequence[tuple[NDArray[np.floating], Columns]]) -> TableSpec:
    """The same with what is left to the tables: the values of columns of text, and which columns have indicators."""
    if not spec.codes and spec.indicator is not True:
        return spec
    cells = {
        name: {str(cell) for _, columns in tables for cell in np.unique(columns[name])} for name in spec.codes
    }
    codes = {name: known or spec.categories_of(name, cells[name]) for name, known in spec.codes.items()}
    places = {name: place for place, name in enumerate(spec.numeric)}
    indicated = [
        name
        for name in spec.fillings
        if (
            any(spec.is_missing(cell, text=True) for cell in cells[name])
            if name in cells
            else any(bool(np.isnan(numbers[:, places[name]]).any()) for numbers, _ in tables)
        )
    ]
    return spec.as_found(codes, indicated)


def inputs_of(
    table: Table, spec: TableSpec, numbers: NDArray[np.floating], columns: Columns
) -> NDArray[np.floating]:
    """The inputs of a table: its numbers, for each category a column that is 1 where it is and otherwise 0, indicators.

    Args:
        table: The table, for messages.
        spec: Its features, the categories of each column of text, and what fills it.
        numbers: The numeric features.
        columns: The others.

    Returns:
        (rows, inputs), NaN where a cell is missing.

    Raises:
        RefusedError: A cell is not one of the categories.
    """
    inputs, places = spec.input_columns() or [], {name: place for place, name in enumerate(spec.numeric)}
    texts, gaps = _texts(table, spec, columns)
    gaps |= {name: np.isnan(numbers[:, places[name]]) for name in spec.fillings if name in places}
    if not spec.codes and not spec.indicated:
        values = numbers
    else:
        values = np.empty((len(numbers), len(inputs)), numbers.dtype)
        for j, one in enumerate(inputs):
            if one.indicates is not None:
                values[:, j] = gaps[one.indicates]
            elif one.category is None:
                values[:, j] = numbers[:, places[one.name]]
            else:
                values[:, j] = texts[one.name] == one.category
    for j, one in enumerate(inputs):
        if one.category is not None and one.name in gaps:
            values[gaps[one.name], j] = np.nan
    return values


def _texts(
    table: Table, spec: TableSpec, columns: Columns
) -> tuple[dict[str, NDArray[np.str_]], dict[str, NDArray[np.bool_]]]:
    """The columns of text, and where a cell of those that are filled is missing.

    Raises:
        RefusedError: A cell is not one of the categories.
    """
    texts: dict[str, NDArray[np.str_]] = {}
    gaps: dict[str, NDArray[np.bool_]] = {}
    bad = []
    for name, categories in spec.codes.items():
        known = categories or []
        texts[name] = cells = columns[name].astype(str)
        other = ~np.isin(cells, known)
        absent = [cell for cell in np.unique(cells[other]) if spec.is_missing(str(cell), text=True)]
        if name in spec.fillings:
            gaps[name] = np.isin(cells, absent) & other
            other &= ~gaps[name]
        odd = np.flatnonzero(other)
        if len(odd):
            cell = str(cells[odd[0]])
            few = ", ".join(f"`{one}`" for one in known[:10])
            near = nearest(cell, known)
            fault = Fault(
                "text", "is none of its categories", f"there is `{near}`" if near else f"they are {few}"
            )
            if cell in absent:
                fault = nothing(cell)
            bad.append(Bad(int(odd[0]), name, "category", cell, fault))
    if bad:
        table.refuse(bad)
    return texts, gaps


def _in_order(tables: dict[str, Table]) -> list[tuple[str, Table]]:
    return [(name, tables[name]) for name in ("path", "validation", "test") if name in tables]


def _labels(tables: Sequence[tuple[Table, Columns]], targets: Sequence[str]) -> NDArray[np.generic]:
    """One column of class names or numbers, or several columns of numbers."""
    if len(targets) > 1:
        return np.stack(
            [
                np.concatenate([_numbers(table, name, "target", columns[name]) for table, columns in tables])
                for name in targets
            ],
            axis=1,
        )
    name = targets[0]
    parsed = [table.parse(columns[name]) for table, columns in tables]
    numbers = [own for own in parsed if not isinstance(own, dict)]
    if len(numbers) == len(parsed):
        for (table, _), values in zip(tables, numbers):
            _check_size(table, name, "label", values)
        return np.concatenate(numbers)
    # Whole numbers beside words are names of classes, as they are written.
    cells: list[list[Any]] = [
        table.texts(name)
        if isinstance(own, np.ndarray) and columns[name].dtype.kind == "f"
        else columns[name].tolist()
        for (table, columns), own in zip(tables, parsed)
    ]
    held = [
        own if isinstance(own, dict) else dict(zip(column, own.tolist()))
        for own, column in zip(parsed, cells)
    ]
    kinds: Counter[str] = Counter()
    for own, column in zip(held, cells):
        for cell, count in Counter(column).items():
            kinds[_kind(own[cell])] += count
    for (table, _), own, column in zip(tables, held, cells):
        odd = {cell: fault for cell, one in own.items() if (fault := _odd(one, kinds))}
        if odd:
            row, cell = next((row, cell) for row, cell in enumerate(column) if cell in odd)
            table.refuse([Bad(row, name, "label", str(cell), odd[cell])])
    return np.concatenate([np.array(column, str) for column in cells])


def _kind(one: float | Fault) -> str:
    if isinstance(one, Fault):
        return one.kind
    return "whole" if one.is_integer() else "fraction"


def _odd(one: float | Fault, kinds: Counter[str]) -> Fault | None:
    """Why a label does not belong to a column that has some of each kind; None where it does.

    Whole numbers among words or codes are names of classes, numbers with fractions are not.
    """
    kind = _kind(one)
    if isinstance(one, Fault) and (
        kind == "empty" or (one.is_missing and kind == "malformed" and not kinds["text"])
    ):
        return one._replace(remedy="give it a label, or leave its row out")
    if isinstance(one, Fault) and kind == "malformed" and not (kinds["text"] and not kinds["fraction"]):
        return one
    names = kinds["text"] + kinds["code"]
    if kinds["fraction"] and names and (kind in ("text", "code")) == (names <= kinds["fraction"]):
        what = f"is {'a number' if kind == 'fraction' else 'not a number'}, and others are"
        what += " not" if kind == "fraction" else ""
        return Fault("malformed", what, "a column has one type: words, or numbers")
    return None


def _numbers(table: Table, column: str, what: str, cells: NDArray[np.generic]) -> NDArray[np.float64]:
    """A column of numbers.

    Raises:
        RefusedError: A cell is not a number.
    """
    parsed = table.parse(cells)
    if isinstance(parsed, np.ndarray):
        _check_size(table, column, what, parsed)
        return parsed
    for row, cell in enumerate(cells.tolist()):
        if isinstance(fault := parsed[cell], Fault):
            if fault.is_missing:
                fault = fault._replace(remedy="give it a number, or leave its row out")
            table.refuse([Bad(row, column, what, cell, fault)])
    return np.array([parsed[cell] for cell in cells.tolist()], np.float64)


def _check_size(table: Table, column: str, what: str, numbers: NDArray[np.float64]) -> None:
    """Refuse a number that float32 does not have."""
    large = np.flatnonzero(np.abs(numbers) > LARGEST_INPUT)
    if len(large):
        table.refuse([Bad(int(large[0]), column, what, f"{numbers[large[0]]:g}", BEYOND)])


def _divided(
    raw: RawData, table: Table, column: str, said: NDArray[np.generic], counts: dict[str, int]
) -> RawData:
    """The rows in the order train, validation, test, as a column says."""
    if len(counts) > 1:
        raise RefusedError(f"{table.path}: `split` names a column, and other files are named as well")
    said = said.astype(str)
    unknown = np.flatnonzero(~np.isin(said, GIVEN_PARTS))
    if len(unknown):
        row = int(unknown[0])
        raise RefusedError(
            f"{table.place(row, column)}: row {row + 1} of `{column}` is {shown(str(said[row]))}, and it says `train`, "
            "`validation` or `test`"
        )
    rows = [np.flatnonzero(said == part) for part in GIVEN_PARTS]
    order = np.concatenate(rows)
    assert isinstance(raw.features, np.ndarray)
    return replace(
        raw,
        features=raw.features[order],
        labels=raw.labels[order],
        test=len(rows[2]) or None,
        validation=len(rows[1]) or None,
        weights=None if raw.weights is None else raw.weights[order],
        parts_by=None if raw.parts_by is None else raw.parts_by[order],
    )
