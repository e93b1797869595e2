"""The changes of single columns of a table whose effect is stated."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from lipbuild.certifying.stated_columns import Move
from lipbuild.config.sources.input_column import InputColumn


def column_moves(columns: Sequence[InputColumn]) -> list[Move]:
    """A step of each column of numbers, and of each one of text the step from each of its values to each later one.

    Inputs that say whether a cell was missing are held fixed.

    Args:
        columns: What each input of the network is.
    """
    moves: list[Move] = []
    texts: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        if column.category is not None:
            texts.setdefault(column.name, []).append(place)
        elif column.indicates is None:
            moves.append(Move(column.name, (place,)))
    for name, places in texts.items():
        for one, other in itertools.combinations(places, 2):
            values = (columns[one].category or "", columns[other].category or "")
            moves.append(Move(name, (one, other), values))
    return moves
