"""From columns by name to features, labels, weights and parts: what all tables have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.parts_by import read_parts_by
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError
from lipbuild.text.suggest import nearest

_PARTS = ("train", "validation", "test")


class Table(ABC):
    """A table that has been read.

    Attributes:
        path: Its file.
        header: The names of its columns.
    """

    path: Path
    header: Sequence[str]

    @abstractmethod
    def __len__(self) -> int:
        """The number of rows."""

    @abstractmethod
    def numbers(self, column: str, what: str = "feature") -> NDArray[np.float64]:
        """A column of numbers.

        Args:
            column: Its name.
            what: What it is, for a message.

        Raises:
            RefusedError: A value is no number; the message names its row.
        """

    @abstractmethod
    def values(self, column: str) -> NDArray[np.generic]:
        """A column of numbers, or of text where not all are numbers."""

    @abstractmethod
    def texts(self, column: str) -> list[str]:
        """A column as text, as it stands in the file."""

    @abstractmethod
    def place(self, row: int) -> str:
        """Where a row stands, for a message: a file and a line."""

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


def load_table(spec: TableSpec, folder: Path, read: Callable[[Path, str], Table]) -> RawData:
    """The rows of one part after another.

    Args:
        spec: The columns.
        folder: Where relative paths start.
        read: Reads the table of a path; it is told the key that names the path.

    Raises:
        UnusableError: A file is missing or no table.
        RefusedError: A column is missing, or holds what it must not.
    """
    tables = {name: read(folder / path, name) for name, path in spec.files().items()}
    first = tables["path"]
    targets = [first.named(column) for column in spec.targets_list]
    chosen = spec.features or [name for name in first.header if name not in spec.other_columns]
    for name in chosen:
        if name in spec.other_columns:
            what = "target" if name in targets else "weight" if name == spec.weight else "split column"
            raise RefusedError(f"{first.path}: the {what} `{name}` is also named as a feature")
    if not chosen:
        raise RefusedError(f"{first.path}: there is no column besides the target `{', '.join(targets)}`")
    ordered = [tables[name] for name in ("path", "validation", "test") if name in tables]
    features = np.concatenate([_features(table, chosen) for table in ordered])
    labels = _joined([_labels(table, targets) for table in ordered])
    weights = None
    if spec.weight is not None:
        # Only the training's samples are weighted.
        others = np.ones(sum(map(len, ordered[1:])))
        weights = np.concatenate([first.numbers(first.named(spec.weight), "weight"), others])
    counts = {name: len(table) for name, table in tables.items()}
    raw = RawData(
        features,
        labels,
        test=counts.get("test"),
        validation=counts.get("validation"),
        weights=weights,
        columns=tuple(chosen),
        parts_by=_parts_by(spec, first, targets),
    )
    return raw if spec.split is None else _divided(raw, first, spec.split, counts)


def _parts_by(spec: TableSpec, table: Table, targets: Sequence[str]) -> NDArray[np.generic] | None:
    """What parts are drawn by, of the rows that they are drawn from."""
    split = spec.parts_by
    if split is None:
        return None
    column = table.named(split.name)
    if column in targets:
        raise RefusedError(f"{table.path}: parts are drawn by `{column}`, which is the target")
    return read_parts_by(split, table.texts(column), table.place)


def _features(table: Table, columns: Sequence[str]) -> NDArray[np.float64]:
    return np.stack([table.numbers(table.named(column)) for column in columns], axis=1)


def _labels(table: Table, targets: Sequence[str]) -> NDArray[np.generic]:
    if len(targets) == 1:
        return table.values(table.named(targets[0]))
    return np.stack([table.numbers(table.named(target), "target") for target in targets], axis=1)


def _joined(labels: list[NDArray[np.generic]]) -> NDArray[np.generic]:
    """Labels of several tables: text as soon as one of them has text."""
    if any(own.dtype.kind in "US" for own in labels):
        labels = [own if own.dtype.kind in "US" else _as_text(own) for own in labels]
    return np.concatenate(labels)


def _as_text(numbers: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.array([f"{number:g}" for number in numbers.astype(float)])


def _divided(raw: RawData, table: Table, column: str, counts: dict[str, int]) -> RawData:
    """The rows in the order train, validation, test, as a column says."""
    if len(counts) > 1:
        raise RefusedError(f"{table.path}: `split` names a column, and other files are named as well")
    said = table.values(table.named(column))
    unknown = next((row for row, value in enumerate(said) if str(value) not in _PARTS), None)
    if unknown is not None:
        raise RefusedError(
            f"{table.path}: row {unknown + 1} of `{column}` is `{said[unknown]}`, and it says `train`, `validation` "
            "or `test`"
        )
    rows = [np.flatnonzero(said == part) for part in _PARTS]
    order = np.concatenate(rows)
    assert isinstance(raw.features, np.ndarray)
    return RawData(
        raw.features[order],
        raw.labels[order],
        test=len(rows[2]) or None,
        validation=len(rows[1]) or None,
        weights=None if raw.weights is None else raw.weights[order],
        columns=raw.columns,
        parts_by=None if raw.parts_by is None else raw.parts_by[order],
    )
