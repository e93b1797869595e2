"""The proofs of kernels in integers, with python-flint: no floating-point operation is trusted.

Floating point still gives hints: a Cholesky factor, a vector. Weights are integers times a power of two.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.convolutions import blocks_of, grid_of, kept_frequencies, repeats_of
from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.floats import Array
from lipbuild.verifier.geometry import Axis, convolved
from lipbuild.verifier.trigonometry import exact_root_of_unity

_PHASE_BITS = 80


def exactly_at_most(
    kernel: Array, axes: Sequence[Axis], groups: int, bound: float, proof: Mapping[str, Any]
) -> bool:
    """Whether the rule that is named proves the norm of a kernel's map to be at most the bound.

    Args:
        kernel: (*taps, inputs of a group, outputs).
        axes: One for each spatial dimension; none for a matrix.
        groups: Number of groups.
        bound: What is stated.
        proof: The rule and its hints.

    Raises:
        UnreadableError: If python-flint is not installed.
        RefusedError: If the rule is not known.
    """
    require_flint()
    rule = str(proof.get("rule"))
    if rule == "closed form":
        return not np.any(kernel)
    square = Fraction(bound) ** 2
    for part in np.split(kernel, groups, axis=-1):
        if rule == "cholesky" and not axes:
            proved = square_at_most(*integers(part), square)
        elif rule == "explicit":
            count = math.prod(a.length for a in axes) * part.shape[-2]
            units = np.eye(count).reshape(count, *(a.length for a in axes), part.shape[-2])
            proved = square_at_most(*integers(convolved(units, part, axes, 1).reshape(count, -1)), square)
        elif rule == "patches":
            matrix = part.reshape(-1, part.shape[-1])
            proved = square_at_most(*integers(matrix), square / repeats_of(axes))
        elif rule in ("lags", "schur"):
            proved = _lags_at_most(part, axes, square, schur=rule == "schur")
        elif rule == "frequencies":
            proved = _frequencies_at_most(part, axes, bound, proof)
        else:
            raise RefusedError("rule", f"{rule!r} is none that can be checked in integers")
        if not proved:
            return False
    return True


def require_flint() -> None:
    """Refuse to go on without python-flint.

    Raises:
        UnreadableError: If it is not installed.
    """
    try:
        import flint  # noqa: F401
    except ImportError:
        raise UnreadableError(
            "the certificate is of level `exact`: python-flint is needed to check it (pip install python-flint)"
        ) from None


def integers(array: Array) -> tuple[Any, int]:
    """An object array of integers and the exponent e of array = integers · 2^e."""
    fractions, exponents = np.frexp(array)
    least = int(np.min(exponents, where=fractions != 0.0, initial=2000))
    whole = [
        int(f * 2.0**53) << max(int(e) - least, 0)
        for f, e in zip(fractions.ravel(), exponents.ravel(), strict=True)
    ]
    return np.array(whole, dtype=object).reshape(array.shape), least - 53


def square_at_most(matrix: Any, exponent: int, square: Fraction) -> bool:
    """Whether λ_max(WᵀW) <= square for W = matrix · 2^exponent.

    For an integer μ and any integer matrix L, R = 4^b (μI − WᵀW) − LLᵀ is computed exactly, and then
    λ_max(WᵀW) <= μ + ‖R‖_∞ / 4^b. L is near a floating-point Cholesky factor times 2^b.
    """
    from flint import fmpz_mat

    if not np.any(matrix):
        return True
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    weights = fmpz_mat(matrix.tolist())
    gram = weights.transpose() * weights
    order, limit = gram.nrows(), square / Fraction(4) ** exponent
    # Far below what is stated of a norm, far above what the factor is off by.
    mu = math.floor(limit * (1 - Fraction(order, 2**48)))
    shifted = fmpz_mat(order, order, [mu * (i == j) for i in range(order) for j in range(order)]) - gram
    size = max(mu.bit_length(), 1)
    floats = np.array([[float(Fraction(int(v), 2**size)) for v in row] for row in shifted.tolist()])
    try:
        factor = np.linalg.cholesky(floats)
    except np.linalg.LinAlgError:
        return False
    scaled = [[round(Fraction(float(v)) * 2**60) for v in row] for row in factor]
    whole = fmpz_mat(scaled)
    # LLᵀ 2^size / 4^60 stands for shifted.
    residual = (shifted * 4**60 - whole * whole.transpose() * 2**size).tolist()
    off = max(sum(abs(int(v)) for v in row) for row in residual)
    return mu + Fraction(off, 4**60) <= limit


def _lags_at_most(kernel: Array, axes: Sequence[Axis], square: Fraction, *, schur: bool) -> bool:
    """σ² <= ‖H_0‖ + Σ ‖H_ΔᵀH_Δ‖_F^{1/2}, or σ² <= max_i (A v)_i / v_i with A = Σ |H_Δ|."""
    from flint import fmpz_mat

    blocks = blocks_of(kernel, axes)
    rows, columns = next(iter(blocks.values())).shape
    together, exponent = integers(np.stack([b.T if columns > rows else b for b in blocks.values()]))
    matrices = [fmpz_mat(block.tolist()) for block in together]
    lags: dict[tuple[int, ...], Any] = {}
    for (p, a), (q, b) in itertools.product(zip(blocks, matrices, strict=True), repeat=2):
        lag = tuple(y - x for x, y in zip(p, q, strict=True))
        product = a.transpose() * b
        lags[lag] = lags[lag] + product if lag in lags else product
    limit = square / Fraction(4) ** exponent
    if schur:
        total: Any = sum(
            np.abs(np.array([[int(v) for v in row] for row in h.tolist()], dtype=object))
            for h in lags.values()
        )
        vector = _positive(total)
        return all(Fraction(int(y)) <= limit * int(v) for y, v in zip(total @ vector, vector, strict=True))
    squares = (h.transpose() * h for lag, h in lags.items() if any(lag))
    rest = sum(math.isqrt(math.isqrt(sum(int(v) ** 2 for v in s.entries())) + 1) + 1 for s in squares)
    stacked = together.reshape(-1, together.shape[-1])
    return limit > rest and square_at_most(stacked, 0, limit - rest)


def _positive(matrix: Any) -> Any:
    """A positive integer vector near the one that a matrix without negative entries stretches evenly."""
    shift = max(int(matrix.max()).bit_length() - 60, 0)
    floats = np.array([[float(int(v) >> shift) for v in row] for row in matrix])
    vector = np.ones(len(floats))
    for _ in range(200):
        vector = np.sqrt(vector * (floats @ vector))
        vector = np.maximum(vector / (float(vector.max()) or 1.0), 2.0**-40)
    return np.array([int(v * 2.0**60) + 1 for v in vector], dtype=object)


def _frequencies_at_most(kernel: Array, axes: Sequence[Axis], bound: float, proof: Mapping[str, Any]) -> bool:
    """The norms of K̂(ω) with the phases as integers over 2^80, each off by less than 2^-74."""
    grid, twist, spread = grid_of(axes, proof)
    blocks = blocks_of(kernel, axes)
    stack, exponent = integers(np.stack(list(blocks.values())))
    # The norm of what is off is at most 2^-74 times √(largest row sum · largest column sum) of Σ|K_t|, twice.
    sums = np.abs(stack).sum(axis=0)
    size = math.isqrt(int(sums.sum(axis=0).max()) * int(sums.sum(axis=1).max())) + 1
    # A root that is rounded down, to 2^-60 of it.
    root = Fraction(math.isqrt(math.floor(spread * 2**120)), 2**60)
    left = max(Fraction(bound) * root / Fraction(2) ** exponent - Fraction(2 * size, 2**74), Fraction(0))
    for frequency in kept_frequencies(grid, twist):
        real, imaginary = stack[0] * 0, stack[0] * 0
        for shift, block in zip(blocks, stack, strict=True):
            cos, sin = _phase(frequency, shift, grid)
            real, imaginary = real + block * cos, imaginary + block * sin
        whole = np.block([[real, -imaginary], [imaginary, real]])
        if not square_at_most(whole, -_PHASE_BITS, left**2):
            return False
    return True


def _phase(frequency: Sequence[int], shift: Sequence[int], grid: Sequence[int]) -> tuple[int, int]:
    with localcontext() as context:
        context.prec = 60
        real, imaginary = Decimal(1), Decimal(0)
        for p, t, n in zip(frequency, shift, grid, strict=True):
            c, s = exact_root_of_unity(p * t, 2 * n)
            real, imaginary = real * c - imaginary * s, real * s + imaginary * c
        return round(real * 2**_PHASE_BITS), round(imaginary * 2**_PHASE_BITS)
