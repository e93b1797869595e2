"""What depends on disjoint parts of one source counts the source once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

Places = tuple[range, ...]

# Entries of a matrix that is kept.
_LARGEST = 2**16

MOST_CUT = 16
"""Rows of what is cut again without being a source of its own."""


@dataclass(frozen=True)
class Parts:
    """A node with ‖Δnode‖² <= Σ_rows (Σ_p row[p] ‖Δ(part p of the source)‖)².

    So its constant is at most ‖G‖₂ times that of the source, G the matrix of the rows: no two parts have a place in
    common, and the squares of their norms add up to that of the source.

    Args:
        source: The node that is cut into parts.
        rows: Gains by the places of a part.
    """

    source: str
    rows: tuple[Mapping[Places, Fraction], ...]

    def times(self, gain: Fraction) -> Parts:
        """After an operation of that constant."""
        return Parts(self.source, tuple({p: g * gain for p, g in row.items()} for row in self.rows))

    def square(self) -> Fraction | None:
        """A bound of ‖G‖²: max_p (GᵀG v)_p / v_p for a positive v near the best one; None where it is not finite."""
        places = list(dict.fromkeys(p for row in self.rows for p in row))
        if len(self.rows) == 1:
            return sum((g * g for g in self.rows[0].values()), Fraction(0))
        try:
            matrix = np.array([[float(row.get(p, 0)) for p in places] for row in self.rows])
        except OverflowError:
            return None
        vector = np.ones(len(places))
        for _ in range(300):
            vector = np.sqrt(vector * (matrix.T @ (matrix @ vector)))
            vector = np.maximum(vector / (float(vector.max()) or 1.0), 2.0**-100)
        if not np.isfinite(vector).all():
            return None
        hint = dict(zip(places, map(Fraction, vector.tolist()), strict=True))
        image = [sum(g * hint[p] for p, g in row.items()) for row in self.rows]
        back = {p: sum(row.get(p, 0) * y for row, y in zip(self.rows, image, strict=True)) for p in places}
        return max(Fraction(back[p]) / hint[p] for p in places)


def summed(parts: Sequence[Parts]) -> Parts | None:
    """A sum of nodes of one row each; None where their parts do not fit."""
    if not _fit(parts) or any(len(part.rows) > 1 for part in parts):
        return None
    row: dict[Places, Fraction] = {}
    for part in parts:
        for places, gain in part.rows[0].items():
            row[places] = row.get(places, Fraction(0)) + gain
    return Parts(parts[0].source, (row,))


def beside(parts: Sequence[Parts]) -> Parts | None:
    """Nodes beside each other, or the larger or smaller of them; None where parts do not fit or are too many."""
    if not _fit(parts):
        return None
    rows = tuple(row for part in parts for row in part.rows)
    places = {places for row in rows for places in row}
    return Parts(parts[0].source, rows) if len(places) * len(rows) <= _LARGEST else None


def _fit(parts: Sequence[Parts]) -> bool:
    """Whether any two parts of one source are the same, or are apart along some axis."""
    known = {places for part in parts for row in part.rows for places in row}
    ordered = sorted(known, key=repr)
    return len({part.source for part in parts}) == 1 and all(
        any(_apart(a, b) for a, b in zip(first, second, strict=True))
        for i, first in enumerate(ordered)
        for second in ordered[:i]
    )


def _apart(a: range, b: range) -> bool:
    return a[-1] < b[0] or b[-1] < a[0] or set(a).isdisjoint(b)


def root_up(square: Fraction) -> Fraction:
    """A number at least √square, and equal to it where it is a fraction of powers of two."""
    scale = max(200, square.denominator.bit_length())
    whole = math.ceil(square * 4**scale)
    root = math.isqrt(whole)
    return Fraction(root + (root * root < whole), 2**scale)
