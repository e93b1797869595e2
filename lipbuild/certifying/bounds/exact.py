"""Proofs of linear bounds in integers, with python-flint (an extra)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from lipbuild.certifying.bounds.any_size import unbounded
from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import EXPLICIT_ORDER, axes_of
from lipbuild.certifying.bounds.exact_lags import ExactLags
from lipbuild.certifying.bounds.exact_symbols import ExactSymbols
from lipbuild.certifying.bounds.explicit import explicit_is_small, explicit_matrices
from lipbuild.certifying.bounds.integer_gram import gain_square, square_up
from lipbuild.certifying.bounds.integers import integers, root_down, root_up
from lipbuild.certifying.bounds.patch_bound import patches_of_input
from lipbuild.certifying.bounds.room import room_of_matrix
from lipbuild.certifying.bounds.stencil import Stencil, stencil_of

# A bound this near its witness is not worth improving.
_TIGHT = 1e-6
# Frequencies · order³ for which the grid is worth its time in integers: about a minute.
_GRID_BUDGET = 2e8


def exact_dense(kernel: np.ndarray) -> Bound:
    """Bound ‖W‖₂ as `dense` does, in integers alone.

    Args:
        kernel: (inputs, units) or its transpose.

    Returns:
        The bound, of level `exact`.

    Raises:
        ImportError: If python-flint is not installed.
        TypeError: If the type of the kernel is not a floating one of at most 64 bits.
        ValueError: If the kernel is not a matrix, or holds NaN or infinity.
    """
    return _matrices(exact_float64(kernel, ndim=2)[None], "cholesky")


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

    The phases of frequencies are integers over 2^80, whose error is part of the bound.

    Args:
        kernel: (k_1, …, k_d, inputs / groups, outputs).
        input_shape: The d spatial lengths of the input, or None where they are not known.
        strides: One for each axis or one for all.
        padding: `valid`, `same` or `causal`.
        dilation_rate: One for each axis or one for all.
        groups: Number of groups.
        explicit_order: The order of the explicit matrix up to which it is preferred.

    Returns:
        The bound, of level `exact`.

    Raises:
        ImportError: If python-flint is not installed.
        TypeError: If the kernel's type is not a floating one of at most 64 bits.
        ValueError: If shapes, strides, padding or groups do not fit together, or a weight is not finite.
    """
    axes = axes_of(np.shape(kernel), input_shape, strides, padding, dilation_rate)
    stencil = stencil_of(kernel, axes, groups)
    # The taps are used as they are: the scaling of a stencil may flush a weight of a float64 kernel.
    taps = exact_float64(np.asarray(kernel))
    if not np.any(taps):
        return Bound(0.0, 0.0, "closed form", "exact")
    groupwise = taps.reshape(*taps.shape[:-1], groups, taps.shape[-1] // groups)
    stencil = Stencil(np.moveaxis(groupwise, -2, 0), stencil.axes, 0)
    if not stencil.bounded:
        return ExactSymbols(unbounded(stencil)).any_size()
    if explicit_is_small(stencil, explicit_order):
        return _matrices(explicit_matrices(stencil), "explicit")
    return _on_known_size(stencil)


def _on_known_size(stencil: Stencil) -> Bound:
    lags = ExactLags.of(stencil)
    peak = ExactSymbols(unbounded(stencil)).any_size()
    bound = lags.bound()
    if bound.upper > peak.lower * (1.0 + _TIGHT):
        bound = min(bound, lags.schur(), _patches(stencil), key=lambda b: b.upper)
        symbols = ExactSymbols(stencil)
        if bound.upper > peak.lower * (1.0 + _TIGHT) and symbols.grid_cost() <= _GRID_BUDGET:
            bound = min(bound, symbols.grid(), key=lambda b: b.upper)
    # A gain of the symbol is approached by large inputs only: no witness for the given one.
    return replace(bound, lower=0.0)


def _patches(stencil: Stencil) -> Bound:
    groups, outputs = stencil.taps.shape[0], stencil.taps.shape[-1]
    matrices = np.ascontiguousarray(stencil.taps).reshape(groups, -1, outputs)
    bound = _matrices(matrices, "patches")
    square = Fraction(bound.upper) ** 2 * patches_of_input(stencil)
    return replace(bound, upper=root_up(square) if math.isfinite(bound.upper) else math.inf, lower=0.0)


def _matrices(stack: np.ndarray, method: str) -> Bound:
    from flint import fmpz_mat

    if not np.any(stack):
        return Bound(0.0, 0.0, "closed form", "exact")
    room = room_of_matrix(*stack.shape[1:])
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
    return Bound(root_up(upper), root_down(lower), method, "exact", room=room)
