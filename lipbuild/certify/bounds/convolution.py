"""A proved Lipschitz constant of a convolution."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from lipbuild.certify.bounds.any_size import any_size
from lipbuild.certify.bounds.arrays import Array
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.explicit import explicit_is_small, explicit_matrices
from lipbuild.certify.bounds.gain_of_convolution import convolution_gain_down
from lipbuild.certify.bounds.geometry import Axis
from lipbuild.certify.bounds.gram import singular_values
from lipbuild.certify.bounds.rounding import UNDERFLOW, add_up, scale_down, scale_up, sub_down
from lipbuild.certify.bounds.stencil import Stencil, stencil_of
from lipbuild.certify.bounds.symbol import Frequency, frequencies, symbol_error_up, symbol_shape, symbols
from lipbuild.certify.bounds.witness import matrix_gain_down

# The explicit matrix is tight; up to this order it takes about a second.
EXPLICIT_ORDER = 1024
# Frequencies · order³ for which the grid is worth its time: some seconds.
_GRID_BUDGET = 1e10
# Float64 numbers of a stack of symbols.
_SYMBOL_ENTRIES = 2**24
# A bound this near its witness is not worth improving.
_TIGHT = 1e-6


def convolution(
    kernel: np.ndarray,
    input_shape: Sequence[int] | None,
    *,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    dilation_rate: int | Sequence[int] = 1,
    groups: int = 1,
    explicit_order: int = EXPLICIT_ORDER,
) -> Bound:
    """Bound the L2 Lipschitz constant of a zero-padded convolution, in any number of dimensions.

    - A small input: the explicit matrix, by the argument for dense kernels.
    - Otherwise the operator is a compression of a circulant one on a grid that is just large enough, so that
    its norm
      is at most the maximum of σ_max(K̂(ω)) over the grid's frequencies (Sedghi et al. 2019 for the circulant
      case). Grids twisted by half a step are as sound, and the least bound counts.
    - Where the grid is too large, or the input size unknown: a few frequencies and a bound for every input
    size
      (`any_size`).

    Args:
        kernel: (k_1, …, k_d, inputs / groups, outputs), Keras's layout, float16, bfloat16, float32 or
            float64.
        input_shape: the d spatial lengths of the input, or None where they are not known.
        strides: one for each axis or one for all.
        padding: `valid`, `same` or `causal`, with TensorFlow's conventions.
        dilation_rate: one for each axis or one for all.
        groups: number of groups; the constant is the maximum over the groups.
        explicit_order: the order of the explicit matrix up to which it is preferred; the time grows with its
            cube.

    Returns:
        The bound.

    Raises:
        TypeError: if the kernel's type is not a floating one of at most 64 bits.
        ValueError: if shapes, strides, padding or groups do not fit together, or a weight is not finite.
    """
    axes = axes_of(np.shape(kernel), input_shape, strides, padding, dilation_rate)
    return stencil_bound(stencil_of(kernel, axes, groups), explicit_order)


def axes_of(
    shape: tuple[int, ...],
    input_shape: Sequence[int] | None,
    strides: int | Sequence[int],
    padding: str,
    dilation_rate: int | Sequence[int],
) -> tuple[Axis, ...]:
    """The spatial axes of a convolution with a kernel of the given shape.

    Raises:
        ValueError: if the numbers do not fit together.
    """
    dimensions = len(shape) - 2
    if dimensions < 1:
        raise ValueError(f"a convolution kernel has at least 3 axes; received shape {shape}")
    return tuple(
        Axis(size, stride, dilation, padding, length)
        for size, stride, dilation, length in zip(
            shape[:dimensions],
            per_axis(strides, dimensions),
            per_axis(dilation_rate, dimensions),
            [None] * dimensions if input_shape is None else per_axis(input_shape, dimensions),
            strict=True,
        )
    )


def per_axis(value: int | Sequence[int], dimensions: int) -> list[int]:
    """One number for each axis.

    Raises:
        ValueError: if a sequence has another length.
    """
    values = [value] * dimensions if isinstance(value, int) else [int(v) for v in value]
    if len(values) != dimensions:
        raise ValueError(f"{len(values)} numbers for {dimensions} axes: {values}")
    return values


def stencil_bound(stencil: Stencil, explicit_order: int) -> Bound:
    """The tightest of the bounds that are worth their time; see `convolution`."""
    if not np.any(stencil.taps):
        return Bound(0.0, 0.0, "zero")
    if not stencil.bounded:
        bound = any_size(stencil, fine=False).bound
        if bound.excess > _TIGHT:
            bound = min(bound, any_size(stencil, fine=True).bound, key=lambda b: b.upper)
    elif explicit_is_small(stencil, explicit_order):
        bound = _explicit(stencil)
    else:
        bound = _on_known_size(stencil)
    # What scaling flushed to zero changes the operator by at most the sum of the magnitudes.
    flushed = stencil.taps.size * UNDERFLOW
    return Bound(
        scale_up(add_up(bound.upper, flushed), stencil.exponent),
        scale_down(max(sub_down(bound.lower, flushed), 0.0), stencil.exponent),
        bound.method,
    )


def _explicit(stencil: Stencil) -> Bound:
    matrices = explicit_matrices(stencil)
    values = singular_values(matrices)
    return Bound(values.upper, matrix_gain_down(matrices[values.index], values.vector), "explicit matrix")


def _on_known_size(stencil: Stencil) -> Bound:
    peak = any_size(stencil, fine=False)
    bound = peak.bound
    # The symbol of an orthogonal kernel is flat, and then no grid is better than another.
    if bound.excess > _TIGHT:
        periods = [axis.period if axis.degree else 1 for axis in stencil.axes]
        groups = stencil.taps.shape[0]
        cost = math.prod(periods) / 2 * groups * min(symbol_shape(stencil)) ** 3
        other = _grid(stencil, periods) if cost <= _GRID_BUDGET else any_size(stencil, fine=True).bound
        bound = min(bound, other, key=lambda b: b.upper)
    # The witness must live on this size; it starts where the symbol is largest on the coarse grid.
    enough = bound.upper * (1.0 - _TIGHT / 4.0)
    lower = convolution_gain_down(stencil.group(peak.group), peak.frequency, peak.vector, enough)
    return Bound(bound.upper, min(lower, bound.upper), bound.method)


def _grid(stencil: Stencil, periods: Sequence[int]) -> Bound:
    """The bound from the twisted grid whose largest singular value seems to be the least."""
    choices = itertools.product(*(range(2 if axis.degree else 1) for axis in stencil.axes))
    grids = [frequencies(periods, twists) for twists in choices]
    best = min(grids, key=lambda at: _estimate(stencil, at))
    upper = max(singular_values(part).upper for part in _symbol_parts(stencil, best))
    return Bound(add_up(upper, symbol_error_up(stencil)), 0.0, "frequencies")


def _symbol_parts(stencil: Stencil, at: Sequence[Frequency]) -> Iterator[Array]:
    rows, columns = symbol_shape(stencil)
    chunk = max(1, _SYMBOL_ENTRIES // (rows * columns * stencil.taps.shape[0]))
    for start in range(0, len(at), chunk):
        yield symbols(stencil, at[start : start + chunk])


def _estimate(stencil: Stencil, at: Sequence[Frequency]) -> float:
    """The largest singular value on a grid, unproved."""
    largest = 0.0
    for part in _symbol_parts(stencil, at):
        rows, columns = part.shape[1] // 2, part.shape[2] // 2
        matrix = part[:, :rows, :columns] + 1j * part[:, rows:, :columns]
        if rows < columns:
            matrix = np.swapaxes(matrix, 1, 2)
        gram = np.matmul(np.conj(np.swapaxes(matrix, 1, 2)), matrix)
        largest = max(largest, float(np.max(np.linalg.eigvalsh(gram)[:, -1])))
    return largest
