"""How much the outputs change where one column of a table changes alone: what is proved, and what is found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network
from lipbuild.certifying.stated_columns import Move
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.errors import RefusedError
from lipbuild.evaluation.column_moves import column_moves
from lipbuild.evaluation.column_slope import ColumnSlope

Array = NDArray[np.float64]

# Samples at which slopes are measured, and the step in deviations of the column.
_SAMPLES, _STEP = 1000, 1e-4
# What all moves together are measured at, about.
_EVALUATIONS = 100_000


def column_slopes(
    certified: CertifiedNetwork, columns: Sequence[InputColumn], samples: NDArray[np.floating]
) -> tuple[ColumnSlope, ...]:
    """The proved and the measured slopes of the columns.

    Args:
        certified: The network with its constants.
        columns: What each of its inputs is.
        samples: (samples, columns), at which slopes are measured; the first of many are taken.

    Returns:
        One for each column, but for inputs that say whether a cell was missing.

    Raises:
        RefusedError: A slope is beyond float64, or one was measured outside of what is proved.
    """
    moves = [move for move in column_moves(columns) if move.values is None or len(move.places) == 2]
    if not moves:
        return ()
    low, high = certified.slopes(moves)
    # Columns of text with many values have many moves.
    x = np.asarray(samples[: max(20, min(_SAMPLES, _EVALUATIONS // len(moves)))], np.float64)
    found: dict[str, list[int]] = {}
    for number, move in enumerate(moves):
        found.setdefault(move.column, []).append(number)
    measured = np.array(
        [_measured(certified.network, x, columns, move, low[i], high[i]) for i, move in enumerate(moves)]
    )
    slopes = []
    for name, own in found.items():
        is_text = moves[own[0]].values is not None
        unit = next(column.unit for column in columns if column.name == name)
        # From a value to another one and back.
        size = np.maximum(np.abs(low[own]), np.abs(high[own])).max(axis=0)
        ends = (-size, size) if is_text else (low[own[0]], high[own[0]])
        least, greatest = (tuple(end.tolist()) for end in ends)
        slopes.append(
            ColumnSlope(name, unit, is_text, least, greatest, tuple(measured[own].max(axis=0).tolist()))
        )
    return tuple(slopes)


def _measured(
    network: Network, x: Array, columns: Sequence[InputColumn], move: Move, low: Array, high: Array
) -> Array:
    """The largest size of a change of each output for one unit, (outputs,), by differences in float64."""
    before, after = x.copy(), x.copy()
    if move.values is None:
        (place,) = move.places
        step = _STEP * (float(np.std(x[:, place])) or 1.0)
        after[:, place] = x[:, place] + step
        steps = (after - before)[:, place, None]
    else:
        own = [
            i
            for i, column in enumerate(columns)
            if column.name == move.column and column.category is not None
        ]
        before[:, own] = after[:, own] = 0.0
        before[:, move.places[0]] = after[:, move.places[1]] = 1.0
        steps = np.ones((len(x), 1))
    values = forward(network, before), forward(network, after)
    slopes = (values[1] - values[0]) / steps
    # What rounding may make of a difference.
    off = 1e-11 * (1.0 + np.abs(values[0]) + np.abs(values[1])) / steps
    if not ((slopes + off >= low) & (slopes - off <= high)).all():
        raise RefusedError(
            f"the column `{move.column}`: a measured slope is outside the proved bounds",
            "this is a fault of lipbuild; please report it with the run folder",
        )
    return np.asarray(np.abs(slopes).max(axis=0), np.float64)
