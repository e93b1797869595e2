"""What a certificate states of single columns of the input, with room for another program's roundings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.rounding import down, up
from lipbuild.certifying.network import Network
from lipbuild.certifying.slopes import Spans, slopes
from lipbuild.errors import RefusedError

# A rounding of the last step counts relative to both ends; those before it are doubled in the proof.
_ROOM = 2.0**-33
# Directions whose slopes are computed at once.
_HELD = 64


@dataclass(frozen=True)
class Move:
    """A change of the input whose effect is stated.

    Attributes:
        column: The column that changes.
        places: The place of a column of numbers in the input; of one of text that of the value that it changes from,
            and that of the value that it changes to.
        values: These two values; None for a column of numbers.
    """

    column: str
    places: tuple[int, ...]
    values: tuple[str, str] | None = None

    def direction(self, inputs: int) -> np.ndarray:
        """By how much each input changes where a number grows by 1, or a text becomes the other."""
        direction = np.zeros(inputs)
        direction[self.places[-1]] = 1.0
        if len(self.places) > 1:
            direction[self.places[0]] = -1.0
        return direction


def slopes_of_moves(
    network: Network, gains: Mapping[str, float], spans: Spans, moves: Sequence[Move]
) -> tuple[np.ndarray, np.ndarray]:
    """Between which two numbers each output changes for each move, (moves, outputs) each, with room.

    Raises:
        RefusedError: The input or the output is not a vector, or a bound is beyond float64.
    """
    shape = network.nodes[0].parameters["shape"]
    if len(shape) != 1:
        raise RefusedError(f"the input has the shape {tuple(shape)}, which has no columns")
    directions = np.array([move.direction(shape[0]) for move in moves]).reshape(-1, shape[0])
    parts = [
        slopes(network, gains, spans, directions[start : start + _HELD])
        for start in range(0, len(directions), _HELD)
    ]
    low, high = (np.concatenate([getattr(part, end) for part in parts]) for end in ("low", "high"))
    if low.ndim != 2:
        raise RefusedError(f"the output has the shape {low.shape[1:]}; a slope is one of a vector")
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise RefusedError("the slope of a column is beyond the largest float64")
    room = _ROOM * np.maximum(np.abs(low), np.abs(high))
    return down(low - room), up(high + room)


def state_columns(
    network: Network, gains: Mapping[str, float], spans: Spans, moves: Sequence[Move]
) -> list[dict[str, Any]]:
    """The field `columns` of a certificate: a row for each move.

    Raises:
        RefusedError: As `slopes_of_moves`.
    """
    rows = []
    for move, low, high in zip(moves, *slopes_of_moves(network, gains, spans, moves), strict=True):
        row: dict[str, Any] = {"column": move.column, "places": list(move.places)}
        if move.values is not None:
            row |= dict(zip(("from", "to"), move.values, strict=True))
        row |= {"least": [v.hex() for v in low.tolist()], "greatest": [v.hex() for v in high.tolist()]}
        rows.append(row)
    return rows


def slopes_stated(statement: Mapping[str, Any]) -> dict[str, tuple[list[float], list[float]]]:
    """For each column of numbers the least and the greatest slope of each output that a certificate states."""
    return {
        row["column"]: (
            [float.fromhex(end) for end in row["least"]],
            [float.fromhex(end) for end in row["greatest"]],
        )
        for row in statement["predicate"].get("columns", ())
        if "from" not in row
    }
