"""The proof that every other linear bound rests on: the largest singular value of a stack of matrices."""

from __future__ import annotations

import math

import numpy as np

from lipbuild.certify.bounds.arrays import Array
from lipbuild.certify.bounds.rounding import UNIT_ROUNDOFF, add_up, gamma, mul_up, sqrt_up

# Far above what underflow can add to a quotient of `_largest_gain`, far below every other error term.
_UNDERFLOW_IN_GAINS = 2.0**-900
# Rows summed by one matrix product: the Gram matrix is then summed from partial products, which lowers the
# number of roundings in a row from k to about BLOCK + k / BLOCK.
_BLOCK = 64
# Float64 numbers held at once by a stack: 64 MiB each for the Gram matrices, the factors and the residuals.
_CHUNK = 2**23


def singular_value_up(stack: Array, error: Array | None = None) -> tuple[float, Array, int]:
    """Prove an upper bound of the largest singular value over a stack of matrices.

    With G = WᵀW on the smaller side, the proof shows μI − G ⪰ −δI: A = fl(μI − Ĝ) has the Cholesky factor L,
    which is an untrusted hint, and its residual D = fl(A − LLᵀ) is computed. Then (Rump 2006; Roux 2016)

        λ_max(G) <= μ + ‖D‖_F (1 + u) + γ_r ‖|L|‖₂² + u·max|A_ii| + γ_K ‖|W|‖₂²,

    r the order of G and K the number of roundings in an entry of Ĝ. The norms of non-negative matrices are
    bounded by Collatz–Wielandt quotients. It is assumed that a matrix product sums the rounded products of
    float64 in any order, with or without fused multiply-add (no Strassen); nothing is assumed of the
    eigenvalue and Cholesky routines.

    Args:
        stack: (matrices, rows, columns), float64, magnitudes at most 2.
        error: (matrices,), upper bounds of the spectral norm by which each matrix of the stack may be off. A
            deviation of e adds e to the bound of its matrix.

    Returns:
        A float that no singular value of the stack exceeds; a vector whose gain is near the largest singular
        value; and the index of its matrix.
    """
    if stack.shape[1] < stack.shape[2]:
        upper, left, index = singular_value_up(np.swapaxes(stack, 1, 2), error)
        return upper, stack[index].T @ left, index
    count, inner, order = stack.shape
    if stack.size == 0:
        return 0.0, np.zeros(order), 0
    chunk = max(1, _CHUNK // (order * inner))
    hints = np.empty(count)
    for start in range(0, count, chunk):
        hints[start : start + chunk] = _largest_eigenvalues(_gram(stack[start : start + chunk]))
    # One μ for all matrices but those whose own deviation is part of the bound: the maximum is what is
    # wanted.
    index = int(np.argmax(hints))
    hint = max(float(hints[index]), 0.0)
    slack = 2.0**-50
    while True:
        mu = hint + slack * max(hint, 2.0**-1000)
        worst, positive = 0.0, True
        for start in range(0, count, chunk):
            part = stack[start : start + chunk]
            excess = _excess(part, mu)
            if excess is None:
                positive = False
                break
            for i, e in enumerate(excess):
                bound = sqrt_up(add_up(mu, float(e)))
                worst = max(worst, bound if error is None else add_up(bound, float(error[start + i])))
        if positive:
            break
        slack *= 4.0
    return worst, _top_vector(_gram(stack[index : index + 1])[0], mu), index


def _gram(stack: Array) -> Array:
    """fl(WᵀW) of each matrix, symmetric; each entry has at most `_gram_roundings` roundings in a row."""
    transposed = np.swapaxes(stack, 1, 2)
    gram = np.zeros((stack.shape[0], stack.shape[2], stack.shape[2]))
    for start in range(0, stack.shape[1], _BLOCK):
        rows = slice(start, start + _BLOCK)
        gram += np.matmul(transposed[:, :, rows], stack[:, rows, :])
    # Any triangle obeys the entrywise error bound; a product routine need not return the same one twice.
    lower = np.tril(gram)
    return lower + np.swapaxes(np.tril(gram, -1), 1, 2)


def _gram_roundings(inner: int) -> int:
    return min(inner, _BLOCK) + math.ceil(inner / _BLOCK)


def _largest_eigenvalues(grams: Array) -> Array:
    if grams.shape[1] == 1:
        return grams[:, 0, 0]
    try:
        return np.asarray(np.linalg.eigvalsh(grams)[:, -1], np.float64)
    except np.linalg.LinAlgError:  # a hint only
        return np.asarray(np.trace(grams, axis1=1, axis2=2), np.float64)


def _excess(stack: Array, mu: float) -> list[float] | None:
    """Upper bounds of λ_max(WᵀW) − μ for each matrix, or None where a Cholesky factor does not exist."""
    _, inner, order = stack.shape
    gram = _gram(stack)
    diagonal = np.arange(order)
    shifted = -gram
    shifted[:, diagonal, diagonal] += mu
    try:
        factor = np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(factor).all():
        return None
    residual = shifted - np.matmul(factor, np.swapaxes(factor, 1, 2))
    frobenius = np.sqrt(np.sum(residual * residual, axis=(1, 2)))
    rounded_diagonal = UNIT_ROUNDOFF * np.max(np.abs(shifted[:, diagonal, diagonal]), axis=1)
    factor_gain = _largest_gain(np.swapaxes(factor, 1, 2))
    matrix_gain = _largest_gain(stack)
    # The sums above are of non-negative terms, so each is short by a factor of at most 1 + γ of its length.
    slack = 1.0 + 2.0 * gamma(order * order + inner + order + 64)
    # Underflow, flushed to zero or not: 2^-1022 in each product, and 2^-511 in each entry that is squared for
    # ‖D‖_F.
    tiny = order * 2.0**-500
    gram_error, factor_error = gamma(_gram_roundings(inner)), gamma(order)
    result = []
    for d, r, f, w in zip(frobenius, rounded_diagonal, factor_gain, matrix_gain, strict=True):
        terms = (float(d), float(r), mul_up(factor_error, float(f)), mul_up(gram_error, float(w)), tiny)
        total = 0.0
        for term in terms:
            total = add_up(total, term)
        result.append(mul_up(total, slack))
    return result


def _largest_gain(stack: Array) -> Array:
    """Upper bounds of ‖|M|‖₂² for each matrix M, up to the rounding of sums of non-negative terms.

    Collatz–Wielandt: for a non-negative symmetric matrix N and any x > 0, ‖N‖₂ <= max_i (N x)_i / x_i. A few
    power steps bring x near the Perron vector; the floor keeps the quotients meaningful where a column is
    zero.
    """
    magnitudes = np.abs(stack)
    transposed = np.swapaxes(magnitudes, 1, 2)
    x = np.ones((stack.shape[0], stack.shape[2], 1))
    best = np.full(stack.shape[0], np.inf)
    for _ in range(6):
        y = np.matmul(transposed, np.matmul(magnitudes, x))
        best = np.minimum(best, np.max(y / x, axis=(1, 2)) + _UNDERFLOW_IN_GAINS)
        largest = np.max(y, axis=(1, 2), keepdims=True)
        x = np.maximum(y / np.where(largest > 0.0, largest, 1.0), 2.0**-30)
    return best


def _top_vector(gram: Array, mu: float) -> Array:
    """A vector near the eigenvector of the largest eigenvalue, by inverse iteration at μ just above it."""
    order = gram.shape[0]
    x: Array = np.random.default_rng(0).standard_normal(order)
    shifted = mu * np.eye(order) - gram
    for _ in range(3):
        try:
            y = np.linalg.solve(shifted, x)
        except np.linalg.LinAlgError:
            break
        norm = float(np.linalg.norm(y))
        if not math.isfinite(norm) or norm == 0.0:
            break
        x = np.asarray(y / norm, np.float64)
    return x
