"""Proofs of linear bounds in integers, with python-flint (an extra)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.certify.bounds.any_size import COARSE, grid_periods, unbounded
from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.convolution import EXPLICIT_ORDER, axes_of
from lipbuild.certify.bounds.explicit import explicit_is_small, explicit_matrices
from lipbuild.certify.bounds.integer_gram import gain_square, square_down, square_up
from lipbuild.certify.bounds.integers import integers, root_down, root_up
from lipbuild.certify.bounds.roots import cosine_down, fixed_point_root
from lipbuild.certify.bounds.stencil import Stencil, stencil_of
from lipbuild.certify.bounds.symbol import Frequency, cells, frequencies


def exact_dense(kernel: np.ndarray) -> Bound:
    """Bound ‖W‖₂ as `dense` does, in integers alone.

    Args:
        kernel: (inputs, units) or its transpose.

    Returns:
        The bound, of level `exact`.

    Raises:
        ImportError: if python-flint is not installed.
        TypeError: if the type of the kernel is not a floating one of at most 64 bits.
        ValueError: if the kernel is not a matrix, or holds NaN or infinity.
    """
    return _matrices(exact_float64(kernel, ndim=2)[None], "integer Cholesky")


def exact_convolution(
    kernel: np.ndarray,
    input_shape: Sequence[int] | None,
    *,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    dilation_rate: int | Sequence[int] = 1,
    groups: int = 1,
    explicit_order: int = EXPLICIT_ORDER // 2,
) -> Bound:
    """Bound a convolution as `convolution` does, in integers alone.

    Small inputs: the explicit matrix. Otherwise the bound for any input size (`any_size`), with the phases as
    integers over 2^80: their error is part of the bound.

    Args:
        kernel: (k_1, …, k_d, inputs / groups, outputs).
        input_shape: the d spatial lengths of the input, or None where they are not known.
        strides: one for each axis or one for all.
        padding: `valid`, `same` or `causal`.
        dilation_rate: one for each axis or one for all.
        groups: number of groups.
        explicit_order: the order of the explicit matrix up to which it is preferred.

    Returns:
        The bound, of level `exact`.

    Raises:
        ImportError: if python-flint is not installed.
        TypeError: if the kernel's type is not a floating one of at most 64 bits.
        ValueError: if shapes, strides, padding or groups do not fit together, or a weight is not finite.
    """
    axes = axes_of(np.shape(kernel), input_shape, strides, padding, dilation_rate)
    stencil = stencil_of(kernel, axes, groups)
    # The taps are used as they are: the scaling of a stencil may flush a weight of a float64 kernel.
    taps = exact_float64(np.asarray(kernel))
    if not np.any(taps):
        return Bound(0.0, 0.0, "zero", "exact")
    groupwise = taps.reshape(*taps.shape[:-1], groups, taps.shape[-1] // groups)
    stencil = Stencil(np.moveaxis(groupwise, -2, 0), stencil.axes, 0)
    if stencil.bounded and explicit_is_small(stencil, explicit_order):
        return _matrices(explicit_matrices(stencil), "explicit matrix")
    bound = _any_size(unbounded(stencil))
    # A gain of the symbol is approached by large inputs only: no witness for the given one.
    return replace(bound, lower=0.0) if stencil.bounded else bound


def _matrices(stack: np.ndarray, method: str) -> Bound:
    from flint import fmpz_mat

    if not np.any(stack):
        return Bound(0.0, 0.0, "zero", "exact")
    if stack.shape[1] < stack.shape[2]:
        stack = np.swapaxes(stack, 1, 2)
    upper, lower = Fraction(0), Fraction(0)
    for matrix in stack:
        values, exponent = integers(matrix)
        integer_matrix = fmpz_mat(matrix.shape[0], matrix.shape[1], values)
        unit = Fraction(4) ** exponent
        square, vector = square_up(integer_matrix)
        upper = max(upper, square * unit)
        lower = max(lower, gain_square(integer_matrix, vector) * unit)
    return Bound(root_up(upper), root_down(lower), method, "exact")


_PHASE_BITS = 80


def _any_size(stencil: Stencil) -> Bound:
    """The bound of `any_size`, on its coarse grid."""
    periods = grid_periods(stencil, COARSE)
    at = frequencies(periods, [0] * len(periods))
    values, exponent = integers(stencil.taps)
    unit = Fraction(2) ** (exponent - _PHASE_BITS)
    taps: Any = np.array(values, dtype=object).reshape(stencil.taps.shape)
    error = _error(taps) * Fraction(2) ** exponent
    largest, smallest, witness = 0.0, math.inf, 0.0
    for group in range(taps.shape[0]):
        for frequency in at:
            matrix = _symbol(stencil, taps[group], frequency)
            tall = matrix if matrix.nrows() >= matrix.ncols() else matrix.transpose()
            square, vector = square_up(tall)
            largest = max(largest, root_up(square * unit**2))
            smallest = min(smallest, root_down(square_down(tall) * unit**2))
            witness = max(witness, root_down(gain_square(tall, vector) * unit**2))
    if math.isinf(largest):
        return Bound(largest, 0.0, "frequencies, any input size", "exact")
    high = (Fraction(largest) + error) ** 2
    low = max(Fraction(smallest) - error, Fraction(0)) ** 2
    centre, deviation = (high + low) / 2, (high - low) / 2
    for axis, period in zip(stencil.axes, periods, strict=True):
        deviation /= cosine_down(axis.degree, 2 * period)
    lower = root_down(max(Fraction(witness) - error, Fraction(0)) ** 2)
    return Bound(root_up(centre + deviation), lower, "frequencies, any input size", "exact")


def _error(taps: Any) -> Fraction:
    """An upper bound of the norm by which a symbol is off: each phase by at most 2^-70, see `_symbol`.

    The norm of Σ|K_q| is at most the root of its largest row sum times its largest column sum.
    """
    sums = np.abs(taps).reshape(taps.shape[0], -1, taps.shape[-2], taps.shape[-1]).sum(axis=1)
    row, column = int(sums.sum(axis=2).max()), int(sums.sum(axis=1).max())
    # The cells of a strided convolution share the columns, so they can only split the row sums.
    return Fraction(math.isqrt(row * column) + 1, 2**70)


def _symbol(stencil: Stencil, taps: Any, frequency: Frequency) -> Any:
    """The real form of the symbol in units of 2^-_PHASE_BITS of the integer taps.

    Each phase is a product of d roots of unity, each within 2^-80 and cut to 80 bits after each product:
    together within 2^-70 for any d below 100.
    """
    from flint import fmpz_mat

    one = 1 << _PHASE_BITS
    real_rows: list[list[int]] = []
    imaginary_rows: list[list[int]] = []
    for members in cells(stencil):
        real: Any = 0
        imaginary: Any = 0
        for tap, shift in members:
            cos, sin = one, 0
            for (p, q), s in zip(frequency, shift, strict=True):
                c, i = fixed_point_root(p * s, q, _PHASE_BITS)
                cos, sin = (cos * c - sin * i) >> _PHASE_BITS, (cos * i + sin * c) >> _PHASE_BITS
            real = real + taps[tap] * cos
            imaginary = imaginary + taps[tap] * sin
        real_rows += real.tolist()
        imaginary_rows += imaginary.tolist()
    rows = [[*x, *(-v for v in y)] for x, y in zip(real_rows, imaginary_rows, strict=True)]
    rows += [[*y, *x] for x, y in zip(real_rows, imaginary_rows, strict=True)]
    return fmpz_mat(rows)
