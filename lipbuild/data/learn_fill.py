"""What fills the missing cells of a table, learnt from the training part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.fill import CONSTANT, Filling
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.parts import Indices
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError

# What fills each column: its name, and a number or a category.
Values = Mapping[str, float | str]


def learn_fill(raw: RawData, train: Indices) -> RawData:
    """The data with its missing cells filled by what the training part holds.

    Args:
        raw: The data, NaN where a cell is missing. Its features are changed in place.
        train: The samples of the training part: nothing is learnt from any other.

    Raises:
        RefusedError: A column holds nothing at all in the training part.
    """
    source = raw.source
    if not isinstance(source, TableSpec) or not source.fillings:
        return raw
    features = _array(raw)
    columns = source.input_columns() or []
    values: dict[str, float | str] = {}
    for name, filling in source.fillings.items():
        places = [j for j, one in enumerate(columns) if one.name == name]
        values[name] = (
            filling.value
            if filling.value is not None
            else _learnt(features, train, places, filling, name, source)
        )
    return fill(raw, values)


def fill(raw: RawData, values: Values) -> RawData:
    """The data with its missing cells filled by values that are known.

    Args:
        raw: The data, NaN where a cell is missing. Its features are changed in place.
        values: What fills each column that is filled.

    Raises:
        RefusedError: A cell is missing in a column that nothing fills.
    """
    assert isinstance(raw.source, TableSpec)
    source = raw.source.filled_by(values)
    columns = source.input_columns() or ()
    fill_gaps(_array(raw), columns)
    left = np.argwhere(np.isnan(_array(raw)))
    if len(left):
        row, j = left[0].tolist()
        raise RefusedError(
            f"row {row + 1} of the data has no `{columns[j].name}`, and nothing fills it",
            "fill it, such as by `fill: median`, or leave its row out",
        )
    return replace(raw, source=source, fillings=raw.source.fillings)


def has_gaps(raw: RawData) -> bool:
    """Whether cells are still to be filled."""
    source = raw.source
    return isinstance(source, TableSpec) and bool(source.fillings) and bool(np.isnan(_array(raw)).any())


def fill_gaps(values: NDArray[Any], columns: Sequence[InputColumn]) -> None:
    """Put what fills each input in place of NaN.

    Args:
        values: (rows, inputs), changed in place.
        columns: What each of the inputs is.
    """
    for j, column in enumerate(columns):
        if column.fill is not None and column.indicates is None:
            gaps = np.isnan(values[:, j])
            if gaps.any():
                values[gaps, j] = column.fill


def gaps_in(raw: RawData, samples: Indices) -> dict[str, int]:
    """How many cells of some samples are missing, for each column of a table; nothing where nothing fills any.

    Args:
        raw: The data, NaN where a cell is missing.
        samples: The samples.
    """
    if not has_gaps(raw):
        return {}
    found: dict[str, int] = {}
    for j, column in enumerate(raw.columns):
        if column.indicates is None:
            found[column.name] = int(np.isnan(_array(raw)[samples, j]).sum())
    return found


def fill_statement(raw: RawData) -> dict[str, dict[str, Any]]:
    """What a contract says of it: for each column how it was learnt, and the value."""
    if not isinstance(raw.source, TableSpec):
        return {}
    values = raw.source.fillings
    return {name: {"by": raw.fillings.get(name, one).way, "value": one.value} for name, one in values.items()}


def fill_as_stated(raw: RawData, stated: Mapping[str, Mapping[str, Any]]) -> RawData:
    """The data with its missing cells filled as a training filled them.

    Args:
        raw: The data, NaN where a cell is missing. Its features are changed in place.
        stated: What the contract of the training says: see `fill_statement`.

    Raises:
        RefusedError: The data is to be filled in another way.
    """
    if not isinstance(raw.source, TableSpec):
        return raw
    fillings = raw.source.fillings
    for name in dict.fromkeys([*stated, *fillings]):
        before, now = stated.get(name), fillings.get(name)
        same = (
            before is not None
            and now is not None
            and (now.value == before["value"] if now.way == CONSTANT else now.way == before["by"])
        )
        if not same:
            raise RefusedError(
                f"the training filled `{name}` with {_said(before)}, and now it would be filled with {_now(now)}",
                "leave `fill` as it was in the training",
            )
    return fill(raw, {name: one["value"] for name, one in stated.items()}) if stated else raw


def _said(before: Mapping[str, Any] | None) -> str:
    if before is None:
        return "nothing"
    by = "the constant" if before["by"] == CONSTANT else f"its {before['by']}"
    return f"{by} {before['value']}"


def _now(now: Filling | None) -> str:
    if now is None:
        return "nothing"
    return f"its {now.way}" if now.value is None else f"the constant {now.value}"


def _learnt(
    features: NDArray[np.floating[Any]],
    train: Indices,
    places: list[int],
    filling: Filling,
    name: str,
    source: TableSpec,
) -> float | str:
    """What the training part holds of one column."""
    cells = features[np.ix_(train, np.array(places))]
    cells = cells[~np.isnan(cells).any(axis=1)]
    if not len(cells):
        raise RefusedError(
            f"the column `{name}` is empty in the training part, and `fill` takes its {filling.way}",
            f"leave it out by `ignore: [{name}]`, or fill it by a constant: `fill: {{{name}: 0}}`",
        )
    known = source.codes.get(name)
    if known is not None:
        return known[int(cells.sum(axis=0, dtype=np.float64).argmax())]
    column = cells[:, 0]
    if filling.way == "median":
        value = np.median(column.astype(np.float64))
    elif filling.way == "mean":
        value = column.mean(dtype=np.float64)
    else:
        present, counts = np.unique(column, return_counts=True)
        value = present[counts.argmax()]
    # The network is given float32, and so the contract states it.
    return float(np.float32(value))


def _array(raw: RawData) -> NDArray[np.floating[Any]]:
    """The inputs of a table, (samples, inputs), whatever axes a network adds."""
    assert isinstance(raw.features, np.ndarray)
    inputs: NDArray[Any] = raw.features.reshape(len(raw.features), -1)
    return inputs
