"""The proof that every other linear bound rests on: the singular values of a stack of matrices."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.rounding import (
    UNIT_ROUNDOFF,
    add_up,
    gamma,
    mul_up,
    sqrt_down,
    sqrt_up,
    sub_down,
)

# Far above what underflow can add to a quotient of `nonnegative_gain_up`, far below every other error term.
_UNDERFLOW_IN_GAINS = 2.0**-900
# The least rows summed by one matrix product: the Gram matrix is then summed from partial products, which
# lowers the number of roundings in a row from k to about BLOCK + k / BLOCK.
_BLOCK = 64
# Float64 numbers held at once: 64 MiB each for the Gram matrices, the factors and the residuals.
_CHUNK = 2**23
# The slack of the shift at the first attempt, relative; it is quadrupled until the factor exists.
_SLACK = 2.0**-50
# That of a hint which was found in another way.
_SLACK_OF_HINTS = 2.0**-44
# A floor of the shift, so that it is not zero where the matrices are.
_FLOOR = 2.0**-1000


@dataclass(frozen=True)
class SingularValues:
    """Proved bounds over a stack of matrices.

    Args:
        upper: No singular value of the stack exceeds it.
        lower: No one of the min(rows, columns) singular values of a matrix is below it; 0 where it was not
            asked for, or nothing better could be proved.
        vector: The gain of this vector is near the largest singular value.
        index: The matrix that it belongs to.
    """

    upper: float
    lower: float
    vector: Array
    index: int


def singular_values(stack: Array, *, least: bool = False) -> SingularValues:
    """Prove an upper bound of the singular values of a stack of matrices, and a lower one if asked for.

    With G = WᵀW on the smaller side, the proof shows μI − G ⪰ −δI: A = fl(μI − Ĝ) has the Cholesky factor L,
    which is an untrusted hint, and its residual D = fl(A − LLᵀ) is computed. Then (Rump 2006; Roux 2016)

        λ_max(G) <= μ + ‖D‖_F (1 + u) + γ_r ‖|L|‖₂² + u·max|A_ii| + γ_K ‖|W|‖₂²,

    r the order of G and K the number of roundings in an entry of Ĝ. The norms of non-negative matrices are
    bounded by Collatz–Wielandt quotients. It is assumed that a matrix product sums the rounded products of
    float64 in any order, with or without fused multiply-add (no Strassen); nothing is assumed of the
    eigenvalue and Cholesky routines.

    Args:
        stack: (matrices, rows, columns), float64, magnitudes at most 2^400.
        least: Whether to prove a lower bound as well, by Ĝ − μI ⪰ −δI in the same way.

    Returns:
        The bounds, and a witness of the upper one.
    """
    if stack.shape[1] < stack.shape[2]:
        result = singular_values(np.swapaxes(stack, 1, 2), least=least)
        return replace(result, vector=stack[result.index].T @ result.vector)
    if stack.size == 0:
        return SingularValues(0.0, 0.0, np.zeros(stack.shape[2]), 0)
    parts = _parts(stack)
    # The Gram matrices are kept where they are few enough to be held at once.
    kept = [_gram(parts[0])] if len(parts) == 1 else None
    hints = [_eigenvalues(kept[0] if kept else _gram(part)) for part in parts]
    index = int(np.argmax(np.concatenate([values[:, -1] for values in hints])))
    # One shift for all matrices: the extremes over the stack are what is wanted.
    largest = max(max(float(values[:, -1].max()) for values in hints), _FLOOR)
    smallest = min(float(values[:, 0].min()) for values in hints)
    mu, excess = _upper(parts, kept, largest)
    lower = _lower(parts, kept, smallest) if least else 0.0
    gram = kept[0][index] if kept else _gram(stack[index : index + 1])[0]
    return SingularValues(sqrt_up(add_up(mu, excess)), lower, _top_vector(gram, mu), index)


def singular_values_up(stack: Array, hint: float) -> float:
    """An upper bound of the singular values of a stack of matrices, as `singular_values` proves it.

    Args:
        stack: (matrices, rows, columns), float64, magnitudes at most 2^400.
        hint: About the largest squared singular value. What is too little costs time; what is too much is what is then
            proved.

    Returns:
        The bound.
    """
    if stack.shape[1] < stack.shape[2]:
        stack = np.swapaxes(stack, 1, 2)
    mu, excess = _upper(_parts(stack), None, max(hint, _FLOOR), _SLACK_OF_HINTS)
    return sqrt_up(add_up(mu, excess))


def _upper(
    parts: list[Array], kept: list[Array] | None, hint: float, slack: float = _SLACK
) -> tuple[float, float]:
    """Some μ a little above the hint, and by how much the largest eigenvalue may exceed it."""
    while True:
        mu = hint * (1.0 + slack)
        excess = _excess(parts, kept, mu, 1.0)
        if excess is not None:
            return mu, excess
        slack *= 4.0


def _lower(parts: list[Array], kept: list[Array] | None, hint: float) -> float:
    slack = _SLACK
    while hint > 0.0 and slack < 0.5:
        mu = hint * (1.0 - slack)
        excess = _excess(parts, kept, mu, -1.0)
        if excess is not None:
            return sqrt_down(max(sub_down(mu, excess), 0.0))
        slack *= 4.0
    return 0.0


def nonnegative_gain_up(stack: Array) -> Array:
    """Upper bounds of ‖M‖₂² for each non-negative matrix M, up to the rounding of sums of non-negative terms.

    Collatz–Wielandt: for a non-negative symmetric matrix N and any x > 0, ‖N‖₂ <= max_i (N x)_i / x_i. A few
    power steps bring x near the Perron vector; the floor keeps the quotients meaningful where a column is
    zero.

    Args:
        stack: (matrices, rows, columns), float64, not negative.

    Returns:
        (matrices,), each short of a true bound of ‖M‖₂² by a factor of at most 1 + γ_{rows + columns + 1}.
    """
    transposed = np.swapaxes(stack, 1, 2)
    x = np.ones((stack.shape[0], stack.shape[2], 1))
    best = np.full(stack.shape[0], np.inf)
    for _ in range(4):
        y = np.matmul(transposed, np.matmul(stack, x))
        best = np.minimum(best, np.max(y / x, axis=(1, 2)) + _UNDERFLOW_IN_GAINS)
        largest = np.max(y, axis=(1, 2), keepdims=True)
        x = np.maximum(y / np.where(largest > 0.0, largest, 1.0), 2.0**-30)
    return best


def _parts(stack: Array) -> list[Array]:
    chunk = max(1, _CHUNK // (stack.shape[1] * stack.shape[2]))
    return [stack[start : start + chunk] for start in range(0, stack.shape[0], chunk)]


def _gram(stack: Array) -> Array:
    """fl(WᵀW) of each matrix, symmetric; each entry has at most `_gram_roundings` roundings in a row."""
    transposed = np.swapaxes(stack, 1, 2)
    gram = np.zeros((stack.shape[0], stack.shape[2], stack.shape[2]))
    block = _block(stack.shape[1])
    for start in range(0, stack.shape[1], block):
        rows = slice(start, start + block)
        gram += np.matmul(transposed[:, :, rows], stack[:, rows, :])
    # Any triangle obeys the entrywise error bound; a product routine need not return the same one twice.
    lower = np.tri(gram.shape[1], dtype=np.bool_)
    return np.where(lower, gram, np.swapaxes(gram, 1, 2))


def _gram_roundings(inner: int) -> int:
    block = _block(inner)
    return min(inner, block) + math.ceil(inner / block)


def _block(inner: int) -> int:
    """Rows summed by one matrix product: many small products cost more time than their tightness is worth."""
    return max(_BLOCK, math.ceil(inner / 16))


def _eigenvalues(grams: Array) -> Array:
    """Ascending eigenvalues, or the trace in their place: these are hints only."""
    if grams.shape[1] == 1:
        return grams[:, 0]
    try:
        return np.asarray(np.linalg.eigvalsh(grams), np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.trace(grams, axis1=1, axis2=2), np.float64)[:, None]


def _excess(parts: list[Array], kept: list[Array] | None, mu: float, sign: float) -> float | None:
    """An upper bound of λ_max(sign · (WᵀW − μI)) over the stack, or None where no Cholesky factor exists."""
    worst = 0.0
    for part in parts:
        excess = _part_excess(part, kept[0] if kept else _gram(part), mu, sign)
        if excess is None:
            return None
        worst = max(worst, excess)
    return worst


def _part_excess(stack: Array, gram: Array, mu: float, sign: float) -> float | None:
    _, inner, order = stack.shape
    diagonal = np.arange(order)
    shifted = -sign * gram
    shifted[:, diagonal, diagonal] += sign * mu
    try:
        factor = np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(factor).all():
        return None
    residual = shifted - np.matmul(factor, np.swapaxes(factor, 1, 2))
    frobenius = np.sqrt(np.sum(residual * residual, axis=(1, 2)))
    rounded_diagonal = UNIT_ROUNDOFF * np.max(np.abs(shifted[:, diagonal, diagonal]), axis=1)
    # ‖|L|‖₂ of the transpose, whose Perron vector the quotients find sooner where the factor is nearly
    # diagonal.
    factor_gain = nonnegative_gain_up(np.abs(np.swapaxes(factor, 1, 2)))
    matrix_gain = nonnegative_gain_up(np.abs(stack))
    total = frobenius + rounded_diagonal
    total += gamma(order) * factor_gain + gamma(_gram_roundings(inner)) * matrix_gain
    # Sums of non-negative terms only, here and in the norms: short by a factor of at most 1 + γ of their
    # length. Underflow, flushed to zero or not: 2^-1022 in each product, 2^-511 in each entry squared for
    # ‖D‖_F.
    slack = 1.0 + 2.0 * gamma(order * order + inner + order + 64)
    return mul_up(add_up(float(np.max(total)), order * inner * 2.0**-500), slack)


def _top_vector(gram: Array, mu: float) -> Array:
    """A vector near the eigenvector of the largest eigenvalue, by inverse iteration at μ just above it."""
    order = gram.shape[0]
    shifted = mu * np.eye(order) - gram
    vector = np.asarray(np.random.default_rng(0).standard_normal(order), np.float64)
    try:
        for _ in range(2):
            solution = np.asarray(np.linalg.solve(shifted, vector), np.float64)
            peak = float(np.max(np.abs(solution)))
            if not math.isfinite(peak) or peak == 0.0:
                raise np.linalg.LinAlgError
            vector = solution / peak
    except np.linalg.LinAlgError:
        # The shifted matrix is singular to the last bit.
        with contextlib.suppress(np.linalg.LinAlgError):
            vector = np.asarray(np.linalg.eigh(gram)[1][:, -1], np.float64)
    return vector
