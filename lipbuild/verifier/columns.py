"""What is stated of single columns of the input."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exact_slopes import exact_changes_of_nodes
from lipbuild.verifier.floats import Array, at_most
from lipbuild.verifier.model import Model
from lipbuild.verifier.slopes import Spans, changes_of_nodes
from lipbuild.verifier.statement import hexadecimal, rows_of

# Rows that are looked at in one go.
_HELD = 64


def check_columns(
    model: Model,
    gains: Mapping[str, float],
    spans: Spans,
    predicate: Mapping[str, Any],
    *,
    exact: bool = False,
) -> int:
    """Each output changes by no less and no more than is stated, whatever the input is.

    Args:
        model: The model.
        gains: a proved constant of each node on one input.
        spans: Proved constants from one node to another.
        predicate: What is stated.
        exact: Whether it is proved in integers.

    Returns:
        The number of rows.

    Raises:
        RefusedError: Naming the column of which more is stated than is proved.
        UnreadableError: If python-flint is needed and not installed.
    """
    rows = rows_of(predicate, "columns")
    if not rows:
        return 0
    shape, outputs = model.shapes[model.input.name], model.shapes[model.output]
    if len(shape) != 1 or len(outputs) != 1:
        raise RefusedError("columns", f"are stated of a map from {shape} to {outputs}, which has none")
    for start in range(0, len(rows), _HELD):
        part = rows[start : start + _HELD]
        prove = exact_changes_of_nodes if exact else changes_of_nodes
        directions = np.array([_direction(row, shape[0]) for row in part])
        found = prove(model, gains, spans, directions)[model.output]
        for row, low, high in zip(part, *found.ends, strict=True):
            where = f"the column {row.get('column')!r:.60}"
            least, greatest = (_numbers(row, key, where, outputs[0]) for key in ("least", "greatest"))
            if not (at_most(least, low).all() and at_most(high, greatest).all()):
                raise RefusedError(where, "an output may change by more than is stated")
    return len(rows)


def _direction(row: Mapping[str, Any], inputs: int) -> Array:
    """1 at the place of a column; from one of two places to the other."""
    places = row.get("places")
    fits = isinstance(places, list) and len(places) in (1, 2) and len(set(map(str, places))) == len(places)
    if not fits or not all(type(place) is int and 0 <= place < inputs for place in places or []):
        raise RefusedError("columns", f"`places` is {places!r:.60}, and the model has {inputs} inputs")
    named = {key for key in ("from", "to") if key in row}
    if len(named) != (2 if len(places or []) == 2 else 0):
        raise RefusedError("columns", "the two values of a text go with two places")
    direction = np.zeros(inputs)
    for place, step in zip(reversed(places or []), (1.0, -1.0), strict=False):
        direction[place] = step
    return direction


def _numbers(row: Mapping[str, Any], key: str, where: str, count: int) -> Array:
    values = row.get(key)
    if not isinstance(values, list) or len(values) != count:
        raise RefusedError(where, f"`{key}` is not a list of {count} numbers")
    return np.array([_signed(value, key, where) for value in values])


def _signed(value: Any, key: str, where: str) -> float:
    """A number that may be negative: the one of its size, and its sign."""
    if isinstance(value, str) and value.startswith("-"):
        size = hexadecimal(value[1:], key, where)
        return math.copysign(size, -1.0)
    return hexadecimal(value, key, where)
