from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lipbuild.certifying.bounds.integers import root_up
from lipbuild.certifying.bounds.rounding import add_up, mul_up

Places = tuple[range, ...]
Row = Mapping[Places, float]

# Rows · columns up to which the matrix of a concatenation is kept.
_LARGEST = 2**16

MOST_CUT = 16
"""Rows of what is cut again as parts of its own source."""


@dataclass(frozen=True)
class Parts:
    """A node that depends on disjoint parts of one source alone.

    With rows g and p running over the parts, ‖Δnode‖² <= Σ_g (Σ_p g_p ‖Δ(part p of the source)‖)². So the node is
    ‖G‖-Lipschitz in the source, G the matrix of the rows: for one row √Σ g_p², for a branch of each part the largest.

    Args:
        source: The node that is cut into parts.
        rows: For each part that a row depends on its gain; any two parts are the same or have nothing in common.
    """

    source: str
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, source: str, places: Places) -> Parts:
        """One part of a source as it is."""
        return cls(source, ({places: 1.0},))

    def times(self, gain: float) -> Parts:
        """After an operation of the given constant."""
        return Parts(self.source, tuple({p: mul_up(g, gain) for p, g in row.items()} for row in self.rows))

    def norm(self) -> float:
        """‖G‖, rounded up: max_p (GᵀG v)_p / v_p for a positive v near the best one."""
        columns = {p: i for i, p in enumerate(dict.fromkeys(p for row in self.rows for p in row))}
        if len(self.rows) == 1:
            return root_up(sum((Fraction(g) ** 2 for g in self.rows[0].values()), Fraction(0)))
        if not all(map(math.isfinite, self._gains())):
            return math.inf
        matrix = np.zeros((len(self.rows), len(columns)))
        for i, row in enumerate(self.rows):
            for p, g in row.items():
                matrix[i, columns[p]] = g
        vector = _perron(matrix.T @ matrix)
        exact = [Fraction(v) for v in vector.tolist()]
        images = [sum(Fraction(g) * exact[columns[p]] for p, g in row.items()) for row in self.rows]
        products = [Fraction(0)] * len(columns)
        for row, image in zip(self.rows, images, strict=True):
            for p, g in row.items():
                products[columns[p]] += Fraction(g) * image
        root = root_up(max((y / v for y, v in zip(products, exact, strict=True)), default=Fraction(0)))
        # Somebody else finds another vector, nearly as good, unless each row depends on one part alone.
        return root if all(len(row) == 1 for row in self.rows) else mul_up(root, 1.0 + 2.0**-36)

    def _gains(self) -> list[float]:
        return [g for row in self.rows for g in row.values()]


def added(parts: Sequence[Parts], share: float = 1.0) -> Parts | None:
    """A sum of nodes, times a share; None where they do not depend on parts of one source by one row each."""
    if not _fit(parts) or any(len(p.rows) != 1 for p in parts):
        return None
    total: dict[Places, float] = {}
    for part in parts:
        for places, gain in part.rows[0].items():
            total[places] = add_up(total.get(places, 0.0), gain)
    return Parts(parts[0].source, (total,)).times(share)


def joined(parts: Sequence[Parts]) -> Parts | None:
    """Nodes beside each other, or the greatest of them value by value; None where they do not fit.

    Nor is there anything where the matrix would be too large to look at.
    """
    if not _fit(parts):
        return None
    rows = tuple(row for part in parts for row in part.rows)
    columns = {p for row in rows for p in row}
    return Parts(parts[0].source, rows) if len(rows) * len(columns) <= _LARGEST else None


def _fit(parts: Sequence[Parts]) -> bool:
    """Whether all are of one source, and any two parts are the same or have nothing in common."""
    if len({part.source for part in parts}) != 1:
        return False
    known = list(dict.fromkeys(p for part in parts for row in part.rows for p in row))
    return all(_apart(a, b) for i, a in enumerate(known) for b in known[:i])


def _apart(first: Places, second: Places) -> bool:
    """Whether two parts have no place in common: along some axis."""
    return any(
        max(a.start, b.start) >= min(a.stop, b.stop) or (max(a.step, b.step) > 1 and not set(a) & set(b))
        for a, b in zip(first, second, strict=True)
    )


def _perron(matrix: np.ndarray) -> np.ndarray:
    """A positive vector near the one that a matrix without negative entries stretches evenly; any is sound."""
    vector = np.ones(len(matrix))
    for _ in range(300):
        vector = np.sqrt(vector * (matrix @ vector))
        peak = float(vector.max())
        if not 0.0 < peak < math.inf:
            return np.ones(len(matrix))
        vector = np.maximum(vector / peak, 2.0**-100)
    return vector
