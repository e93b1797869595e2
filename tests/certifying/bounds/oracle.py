"""Exact decisions about norms, in integers: what the bounds are held against."""

from fractions import Fraction

import numpy as np


def norm_at_most(matrix: np.ndarray, bound: float) -> bool:
    """Whether ‖W‖₂ <= bound, decided exactly: bound²·I − G is positive semidefinite."""
    return bound == float("inf") or _semidefinite(_difference(matrix, bound))


def norm_at_least(matrix: np.ndarray, bound: float) -> bool:
    """Whether ‖W‖₂ >= bound, decided exactly: bound²·I − G is not positive definite."""
    return bound == 0.0 or not _semidefinite(_difference(matrix, bound), definite=True)


def _difference(matrix: np.ndarray, bound: float) -> list[list[int]]:
    """bound²·I − WWᵀ on the smaller side, times a power of four that makes it integer."""
    w = np.asarray(matrix, np.float64)
    if w.shape[0] > w.shape[1]:
        w = w.T
    fractions = [[Fraction(v) for v in row] for row in w.tolist()]
    limit = Fraction(bound)
    # All denominators are powers of two.
    common = max([limit.denominator, *(v.denominator for row in fractions for v in row)])
    rows = [[int(v * common) for v in row] for row in fractions]
    square = int(limit * common) ** 2
    n = len(rows)
    gram = [[sum(a * b for a, b in zip(rows[i], rows[j], strict=True)) for j in range(n)] for i in range(n)]
    return [[(square if i == j else 0) - gram[i][j] for j in range(n)] for i in range(n)]


def _semidefinite(matrix: list[list[int]], definite: bool = False) -> bool:
    """Fraction-free symmetric elimination (Bareiss): every pivot must be positive, or its row zero."""
    rows = [list(row) for row in matrix]
    previous = 1
    n = len(rows)
    for k in range(n):
        pivot = rows[k][k]
        if pivot < 0 or (definite and pivot == 0):
            return False
        if pivot == 0:
            if any(rows[k][j] for j in range(k + 1, n)):
                return False
            continue
        for i in range(k + 1, n):
            factor = rows[i][k]
            for j in range(i, n):
                rows[i][j] = (rows[i][j] * pivot - factor * rows[k][j]) // previous
                rows[j][i] = rows[i][j]
        previous = pivot
    return True
