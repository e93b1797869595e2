"""A bound of a convolution that holds for every input size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.gram import singular_values
from lipbuild.certifying.bounds.roots import cosine_down
from lipbuild.certifying.bounds.rounding import add_up, div_up, mul_down, mul_up, sqrt_up, sub_down, sub_up
from lipbuild.certifying.bounds.stencil import Stencil
from lipbuild.certifying.bounds.symbol import Frequency, frequencies, symbol_error_up, symbol_shape, symbols
from lipbuild.certifying.bounds.witness import matrix_gain_down

# Points of a grid, as multiples of the 2m that are just too few.
COARSE, _FINE = 1.5, 24.0
# Frequencies · order³ that a grid may cost: some seconds. Numbers of its symbols, which are held at once: 256 MiB.
_BUDGET, _MOST_NUMBERS = 1e10, 2**25
# A grid is made finer by this factor, for a deviation that may be larger than on the coarse one.
_STEP, _SLACK = 1.25, 1.2


@dataclass(frozen=True)
class AnySize:
    """A bound that holds for every input size, and where the symbol is largest.

    Args:
        bound: The bound; its witness is a gain of the symbol, which large inputs approach, so that a given
            input size may stay below it.
        frequency: The frequency of the largest singular value on the grid.
        group: Its group.
        vector: The right singular vector there, in the real form of the symbol.
        centre: c of the bound.
        deviation: The largest distance of a squared singular value on the grid from it.
    """

    bound: Bound
    frequency: Frequency
    group: int
    vector: Array
    centre: float
    deviation: float


def any_size(stencil: Stencil) -> AnySize:
    """Bound a convolution over all input sizes and paddings by its symbol on a small grid.

    The convolution is a compression of the one on the infinite lattice, whose norm is sup_ω σ_max(K̂(ω)). For
    a unit vector v, v*(K̂*K̂ − cI)v is a real trigonometric polynomial of degree m in each frequency, so by
    Ehlich & Zeller (1964) its supremum is at most its maximum over N > 2m equispaced points divided by
    cos(πm/N), once for each axis. With all squared singular values on the grid in [a, b] and c in the middle,

        σ_max² <= c + ((b − a) / 2) / Π cos(πm/N).

    For an orthogonal kernel a and b almost coincide, and a grid of a few points is enough.

    Args:
        stencil: The convolution; the lengths of its axes are not looked at.

    Returns:
        The bound and its witness.
    """
    return _on_grid(unbounded(stencil), COARSE)


def refined(stencil: Stencil, coarse: AnySize, enough: float) -> AnySize:
    """The same on a grid of more points, which kernels need that are not orthogonal; it may take some seconds.

    Args:
        stencil: The convolution.
        coarse: What `any_size` found of it.
        enough: a bound that is not worth improving: if a grid of fewer points promises it, that is tried first.

    Returns:
        The bound and its witness; `coarse` where a finer grid would take too long.
    """
    stencil = unbounded(stencil)
    finest = _FINE
    while finest > COARSE and not affordable(stencil, finest):
        finest /= 2
    oversampling = COARSE * _STEP
    while oversampling < finest and _promised(stencil, oversampling, coarse) > enough:
        oversampling *= _STEP
    if oversampling < finest:
        found = _on_grid(stencil, oversampling)
        if found.bound.upper <= enough:
            return found
    return _on_grid(stencil, finest) if finest > COARSE else coarse


def _promised(stencil: Stencil, oversampling: float, coarse: AnySize) -> float:
    """What the bound would be on a grid of other points if the singular values there were about the same."""
    # More points see more of the symbol.
    deviation = _SLACK * coarse.deviation
    for axis, period in zip(stencil.axes, grid_periods(stencil, oversampling), strict=True):
        deviation /= math.cos(math.pi * axis.degree / period)
    return math.sqrt(coarse.centre + deviation)


def affordable(stencil: Stencil, oversampling: float) -> bool:
    """Whether a grid of `2 · oversampling · m` points an axis is worth its time, and fits into memory."""
    rows, columns = symbol_shape(stencil)
    matrices = math.prod(grid_periods(stencil, oversampling)) / 2 * stencil.taps.shape[0]
    return bool(matrices * min(rows, columns) ** 3 <= _BUDGET and matrices * rows * columns <= _MOST_NUMBERS)


def unbounded(stencil: Stencil) -> Stencil:
    """The same taps for any input size, in the form that has the least degree."""
    axes = tuple(
        # Without a stride, dilation only stretches the frequencies: it leaves the supremum.
        replace(axis, length=None, dilation=1 if axis.stride == 1 else axis.dilation)
        for axis in stencil.axes
    )
    return replace(stencil, axes=axes)


def grid_periods(stencil: Stencil, oversampling: float) -> list[int]:
    """Points of the grid along each axis: `2 · oversampling · m`, m the degree of the symbol there."""
    return [math.ceil(2 * oversampling * axis.degree) if axis.degree else 1 for axis in stencil.axes]


def _on_grid(stencil: Stencil, oversampling: float) -> AnySize:
    """The bound from a grid of `2 · oversampling · m` points an axis."""
    periods = grid_periods(stencil, oversampling)
    at = frequencies(periods, [0] * len(periods))
    stack = symbols(stencil, at)
    error = symbol_error_up(stencil)
    values = singular_values(stack, least=True)
    largest, smallest = add_up(values.upper, error), max(sub_down(values.lower, error), 0.0)
    high, low = mul_up(largest, largest), mul_down(smallest, smallest)
    centre = low + (high - low) / 2.0  # any number will do
    on_grid = deviation = max(sub_up(high, centre), sub_up(centre, low))
    for axis, period in zip(stencil.axes, periods, strict=True):
        deviation = div_up(deviation, fraction_down(cosine_down(axis.degree, 2 * period)))
    upper = sqrt_up(add_up(centre, deviation))
    lower = max(sub_down(matrix_gain_down(stack[values.index], values.vector), error), 0.0)
    bound = Bound(upper, min(lower, upper), "any size")
    groups = stencil.taps.shape[0]
    at_peak = at[values.index // groups]
    return AnySize(bound, at_peak, values.index % groups, values.vector, centre, on_grid)


def fraction_down(value: Fraction) -> float:
    """The nearest float that is not above a positive fraction."""
    result = float(value)
    return result if Fraction(result) <= value else math.nextafter(result, 0.0)
