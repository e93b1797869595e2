"""The first rows of a table, which can be read before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

# The readers of files are loaded where there is a file: most configs have none.
if TYPE_CHECKING:
    from lipbuild.config.sources.tables import Csv


class Column(NamedTuple):
    """An input.

    Attributes:
        name: What its header calls it.
        place: Which column of the table it is, from 0.
        width: How many columns the table has.
        cells: The number of the line and the text of each cell.
        is_filled: Whether something fills its missing cells.
        is_text: Whether it is one of text.
        is_label: Whether it is to be predicted, and no input.
    """

    name: str
    place: int
    width: int
    cells: Sequence[tuple[int, str]]
    is_filled: bool
    is_text: bool
    is_label: bool


def first_rows(source: Csv, folder: Path) -> list[Column]:
    """The inputs and the labels of the first thousand rows; none where they cannot be read, or a column is missing."""
    from lipbuild.config.sources.fill import named_in

    start = source.start(folder)
    if start is None or not start.rows:
        return []
    header, rows = start.header, start.rows
    features = source.feature_columns(header)
    labels = [name for name in source.targets_list if name not in features]
    if not {*features, *labels} <= set(header) or len(set(header)) < len(header):
        return []
    filled = source.read_from(header).fillings
    places = {name: place for place, name in enumerate(header)}
    # A name that is not there has been reported, and may be that of any column.
    astray = not set(named_in(source.fill)) <= set(header)
    return [
        Column(
            name,
            place := places[name],
            len(header),
            [(line, row[place]) for line, row in rows],
            astray or name in filled,
            name in source.codes,
            name in labels,
        )
        for name in [*features, *labels]
    ]
