"""Bounds of singular values in integer arithmetic: nothing that floats is trusted."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

# Bits of an entry of the Cholesky factor when it is rounded to an integer.
_FACTOR_BITS = 60
_SLACK = 2.0**-48


def square_up(matrix: Any) -> tuple[Fraction, list[int]]:
    """An upper bound of the square of the largest singular value of an integer matrix.

    With G = WᵀW, an integer μ and any integer matrix L, R = 2^a (μI − G) − 2^b LLᵀ is computed exactly, and

        λ_max(G) <= μ + ‖R‖₂ / 2^a <= μ + ‖R‖_∞ / 2^a,

    as LLᵀ ⪰ 0 and R is symmetric. L comes from a floating-point Cholesky factor; were it wrong, the bound
    would only be larger.

    Args:
        matrix: a `flint.fmpz_mat`, not empty.

    Returns:
        The bound, and an integer vector near the top right singular vector.
    """
    gram = _gram(matrix)
    floats, exponent = _floats(gram)
    hint = max(_eigenvalues(floats)[-1], 2.0**-60)  # not 0, so that the shift is positive
    slack = _SLACK
    while True:
        shift = math.ceil(Fraction(hint * (1.0 + slack)) * Fraction(2) ** exponent)
        excess = _excess(gram, shift, 1)
        if excess is not None:
            break
        slack *= 4.0
    values, vectors = np.linalg.eigh(floats)
    top = vectors[:, int(np.argmax(values))]
    return shift + excess, [round(v) for v in (top * 2.0**40).tolist()]


def square_down(matrix: Any) -> Fraction:
    """A lower bound of the square of the least singular value of an integer matrix.

    The argument of `square_up` with the signs exchanged.

    Args:
        matrix: a `flint.fmpz_mat`, not empty; its min(rows, columns) singular values are meant.

    Returns:
        A number that is not negative; 0 where nothing better could be proved.
    """
    gram = _gram(matrix if matrix.nrows() >= matrix.ncols() else matrix.transpose())
    floats, exponent = _floats(gram)
    hint = _eigenvalues(floats)[0]
    slack = _SLACK
    while hint > 0.0 and slack < 0.5:
        shift = math.floor(Fraction(hint * (1.0 - slack)) * Fraction(2) ** exponent)
        excess = _excess(gram, shift, -1)
        if excess is not None:
            return max(shift - excess, Fraction(0))
        slack *= 4.0
    return Fraction(0)


def gain_square(matrix: Any, vector: list[int]) -> Fraction:
    """‖Wx‖² / ‖x‖² of an integer matrix and an integer vector, exactly; 0 for the vector 0."""
    from flint import fmpz_mat

    column = fmpz_mat(len(vector), 1, vector)
    length = int((column.transpose() * column)[0, 0])
    image = matrix * column
    return Fraction(int((image.transpose() * image)[0, 0]), length) if length else Fraction(0)


def _gram(matrix: Any) -> Any:
    return matrix.transpose() * matrix


def _excess(gram: Any, shift: int, sign: int) -> Fraction | None:
    """An upper bound of λ_max(sign · (G − shift)), or None where no Cholesky factor exists."""
    from flint import fmpz_mat

    order = gram.nrows()
    identity = fmpz_mat(order, order)
    for i in range(order):
        identity[i, i] = shift
    difference = (identity - gram) * sign
    floats, exponent = _floats(difference)
    try:
        factor = np.linalg.cholesky(floats)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(factor).all():
        return None
    # difference = floats · 2^exponent with an even exponent, so L = factor · 2^(exponent/2).
    entries = [round(v) for v in np.ldexp(factor, _FACTOR_BITS).ravel().tolist()]
    integer_factor = fmpz_mat(order, order, entries)
    product = integer_factor * integer_factor.transpose()
    # LLᵀ = product · 2^(exponent − 2·bits).
    power = exponent - 2 * _FACTOR_BITS
    scale = max(-power, 0)
    residual = difference * (1 << scale) - product * (1 << (power + scale))
    rows = residual.tolist()
    norm = max(sum(abs(int(v)) for v in row) for row in rows)
    return Fraction(norm, 1 << scale)


def _floats(matrix: Any) -> tuple[np.ndarray, int]:
    """The matrix in float64, rounded, divided by an even power of two that brings it near 1."""
    values = [int(v) for v in matrix.entries()]
    bits = max(max(abs(v) for v in values).bit_length(), 1)
    exponent = bits + bits % 2
    if bits < 900:
        floats = np.ldexp(np.array([float(v) for v in values]), -exponent)
    else:
        drop = bits - 900
        floats = np.ldexp(np.array([float(v >> drop) for v in values]), drop - exponent)
    return floats.reshape(matrix.nrows(), matrix.ncols()), exponent


def _eigenvalues(floats: np.ndarray) -> list[float]:
    try:
        values: list[float] = np.linalg.eigvalsh(floats).tolist()
    except np.linalg.LinAlgError:
        return [0.0, float(np.trace(floats))]
    return values
