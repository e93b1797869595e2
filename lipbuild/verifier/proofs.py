"""The one proof that all bounds of matrices rest on."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from lipbuild.verifier.floats import SLACK, TINY, Array, U, gamma, norms

_BLOCK = 64


def norm_at_most(stack: Array, bound: float) -> bool:
    """Whether it can be proved that no matrix W of a stack has a spectral norm above the bound.

    With G = WᵀW it is to be shown that bound² I − G has no negative eigenvalue. Take μ a little below bound² and
    compute Ĝ, A = fl(μI − Ĝ), a Cholesky factor L of A and R = fl(A − LLᵀ). As LLᵀ has no negative eigenvalue,

        λ_max(G) <= μ + ‖R‖_F + γ_{r+2} ‖L‖_F² + 2u μ + γ_K ‖W‖_F²,

    r the order of G and K the roundings in an entry of Ĝ, which is summed in blocks. The factor is a hint: were it
    wrong, R would be large. The sum on the right is compared with bound² in rational arithmetic.

    Args:
        stack: (matrices, rows, columns); of what is not finite nothing is proved.
        bound: Not negative; an infinite one proves nothing.
    """
    if stack.shape[1] < stack.shape[2]:
        stack = np.swapaxes(stack, 1, 2)
    largest = float(np.max(np.abs(stack), initial=0.0))
    if not (math.isfinite(largest) and math.isfinite(bound)):
        return False
    if largest == 0.0:
        return bound >= 0.0
    # Powers of two that bring all near 1; a weight that underflows then is far below what TINY stands for.
    exponent = math.frexp(largest)[1]
    stack = np.ldexp(stack, -exponent)
    try:
        bound = math.ldexp(bound, -exponent)
    except OverflowError:
        return True  # no sum of squares of numbers below 1 comes near it
    order, inner = stack.shape[2], stack.shape[1]
    squares = float(norms(stack).max()) ** 2 * SLACK
    roundings = gamma(min(inner, _BLOCK) + math.ceil(inner / _BLOCK)) * squares
    # An estimate of the right side's excess, doubled: what counts is the comparison at the end.
    mu = bound * bound - 2.0 * (roundings + (gamma(order + 3) * order + 8.0 * U) * bound * bound)
    if not 0.0 < mu <= 2.0**200:
        return bound > 2.0**100
    gram = sum(_product(stack[:, start : start + _BLOCK]) for start in range(0, inner, _BLOCK))
    gram = np.tril(gram) + np.swapaxes(np.tril(gram, -1), 1, 2)  # either triangle obeys the error bound
    shifted = mu * np.eye(order) - gram
    try:
        factor = np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return False
    if not np.isfinite(factor).all():
        return False
    residual = norms(shifted - factor @ np.swapaxes(factor, 1, 2))
    rounded = gamma(order + 2) * norms(factor) ** 2 + 2.0 * U * mu
    excess = float(np.max(residual + rounded)) * SLACK + roundings + TINY
    return Fraction(mu) + Fraction(excess) <= Fraction(bound) ** 2


def _product(block: Array) -> Array:
    return np.asarray(np.swapaxes(block, 1, 2) @ block, np.float64)
