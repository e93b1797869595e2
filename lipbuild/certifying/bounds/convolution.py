"""A proved Lipschitz constant of a convolution."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lipbuild.certifying.bounds.any_size import (
    COARSE,
    affordable,
    any_size,
    fraction_down,
    refined,
    unbounded,
)
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.explicit import explicit_is_small, explicit_matrices
from lipbuild.certifying.bounds.gain_of_convolution import convolution_gain_down, still_wave
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.gram import singular_values, singular_values_up
from lipbuild.certifying.bounds.lag_bound import lag_bound
from lipbuild.certifying.bounds.lags import Lags
from lipbuild.certifying.bounds.largest_on_grid import largest_on_grid
from lipbuild.certifying.bounds.patch_bound import patch_bound
from lipbuild.certifying.bounds.room import ROOM_OF_LAGS, room_of_matrix, room_of_symbol
from lipbuild.certifying.bounds.roots import cosine_down
from lipbuild.certifying.bounds.rounding import (
    UNDERFLOW,
    add_up,
    div_up,
    mul_up,
    scale_down,
    scale_up,
    sqrt_up,
    sub_down,
)
from lipbuild.certifying.bounds.schur_bound import schur_of_lags
from lipbuild.certifying.bounds.stencil import Stencil, stencil_of
from lipbuild.certifying.bounds.symbol import (
    Frequency,
    frequencies,
    symbol_chunks,
    symbol_error_up,
    symbol_shape,
    symbols,
)
from lipbuild.certifying.bounds.witness import matrix_gain_down

# The explicit matrix is tight; up to this order it takes about a second.
EXPLICIT_ORDER = 1024
# Frequencies · order³ for which the grid is worth its time: some seconds.
_GRID_BUDGET = 1e10
# The same where a layer's promise rests on it, and the points of a coarser grid as multiples of the degree.
_PROMISE_BUDGET, _COARSER = 1e11, 6
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
    enough: float = 0.0,
) -> Bound:
    """Bound the L2 Lipschitz constant of a zero-padded convolution, in any number of dimensions.

    A small input: the explicit matrix, by the argument for dense kernels. Otherwise the least of

    - `lags`, the Gram matrix's blocks, tight for orthogonal kernels (`lag_bound`);
    - `patches`, the reshaped kernel (`patch_bound`);
    - `schur`, the magnitudes of the Gram matrix's blocks (`schur_of_lags`);
    - `frequencies`, if the grid is not too large: the operator is a compression of a circulant one on a grid that is
      just large enough, so that its norm is at most the maximum of σ_max(K̂(ω)) over the grid's frequencies (Sedghi
      et al. 2019 for the circulant case). Grids twisted by half a step are as sound, and the least bound counts. Where
      it is too large and `enough` may be reached, a coarser one that bounds what lies between its frequencies.

    Where the input size is not known: a few frequencies and a bound for every input size (`any_size`), or the first
    three where that takes too much time or memory.

    Args:
        kernel: (k_1, …, k_d, inputs / groups, outputs), Keras's layout, float16, bfloat16, float32 or
            float64.
        input_shape: The d spatial lengths of the input, or None where they are not known.
        strides: One for each axis or one for all.
        padding: `valid`, `same` or `causal`, with TensorFlow's conventions.
        dilation_rate: One for each axis or one for all.
        groups: Number of groups; the constant is the maximum over the groups.
        explicit_order: The order of the explicit matrix up to which it is preferred; the time grows with its
            cube.
        enough: a bound that is not worth improving; no witness is looked for then.

    Returns:
        The bound.

    Raises:
        TypeError: If the kernel's type is not a floating one of at most 64 bits.
        ValueError: If shapes, strides, padding or groups do not fit together, or a weight is not finite.
    """
    axes = axes_of(np.shape(kernel), input_shape, strides, padding, dilation_rate)
    return stencil_bound(stencil_of(kernel, axes, groups), explicit_order, enough)


def axes_of(
    shape: tuple[int, ...],
    input_shape: Sequence[int] | None,
    strides: int | Sequence[int],
    padding: str,
    dilation_rate: int | Sequence[int],
) -> tuple[Axis, ...]:
    """The spatial axes of a convolution with a kernel of the given shape.

    Raises:
        ValueError: If the numbers do not fit together.
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
        ValueError: If a sequence has another length.
    """
    values = [value] * dimensions if isinstance(value, int) else [int(v) for v in value]
    if len(values) != dimensions:
        raise ValueError(f"{len(values)} numbers for {dimensions} axes: {values}")
    return values


def stencil_bound(stencil: Stencil, explicit_order: int, enough: float) -> Bound:
    """The tightest of the bounds that are worth their time; see `convolution`."""
    if not np.any(stencil.taps):
        return Bound(0.0, 0.0, "closed form", "exact")
    least = scale_down(enough, -stencil.exponent) if math.isfinite(enough) else enough
    if not stencil.bounded:
        bound = _on_any_size(stencil, least)
    elif explicit_is_small(stencil, explicit_order):
        bound = _explicit(stencil)
    else:
        bound = _on_known_size(stencil, least)
    # What scaling flushed to zero changes the operator by at most the sum of the magnitudes.
    flushed = stencil.taps.size * UNDERFLOW
    return replace(
        bound,
        upper=scale_up(add_up(bound.upper, flushed), stencil.exponent),
        lower=scale_down(max(sub_down(bound.lower, flushed), 0.0), stencil.exponent),
    )


def _explicit(stencil: Stencil) -> Bound:
    matrices = explicit_matrices(stencil)
    values = singular_values(matrices)
    lower = matrix_gain_down(matrices[values.index], values.vector)
    return Bound(values.upper, lower, "explicit", room=room_of_matrix(*matrices.shape[1:]))


def _on_any_size(stencil: Stencil, enough: float) -> Bound:
    frequencies_are_affordable = affordable(unbounded(stencil), COARSE)
    if enough > 0.0 or not frequencies_are_affordable:
        bound = _without_frequencies(stencil, enough)
        if bound.upper <= enough or not frequencies_are_affordable:
            return bound
    coarse = any_size(stencil)
    bound = coarse.bound
    if bound.excess > _TIGHT and bound.upper > enough:
        bound = min(bound, refined(stencil, coarse, enough).bound, key=lambda b: b.upper)
    return bound


def _on_known_size(stencil: Stencil, enough: float) -> Bound:
    """Without frequencies where that is good enough: an orthogonal kernel needs none, however wide it is."""
    at, group, vector = still_wave(stencil)
    gain = matrix_gain_down(*at)
    bound = _without_frequencies(stencil, max(enough, gain * (1.0 + _TIGHT)))
    if enough > 0.0 and bound.upper <= enough:
        return bound
    frequency: Frequency = ((0, 1),) * len(stencil.axes)
    # The symbol of an orthogonal kernel is flat, and then no grid is better than another.
    if bound.upper > gain * (1.0 + _TIGHT) and affordable(unbounded(stencil), COARSE):
        peak = any_size(stencil)
        gain, frequency, group, vector = peak.bound.lower, peak.frequency, peak.group, peak.vector
    if bound.upper > gain * (1.0 + _TIGHT):
        periods = [axis.period if axis.degree else 1 for axis in stencil.axes]
        # The fewest points that are worth their looseness come first where they may do.
        coarser = [min(n, _COARSER * axis.degree or 1) for n, axis in zip(periods, stencil.axes, strict=True)]
        for grid, budget in ((coarser, _PROMISE_BUDGET if enough > gain else 0.0), (periods, _GRID_BUDGET)):
            if bound.upper > enough and _grid_cost(stencil, grid) <= budget:
                bound = min(bound, _grid(stencil, grid), key=lambda b: b.upper)
    # The witness must live on this size; it starts where the symbol is largest of what was looked at.
    lower = convolution_gain_down(stencil.group(group), frequency, vector, bound.upper * (1.0 - _TIGHT))
    return replace(bound, lower=min(lower, bound.upper))


def _without_frequencies(stencil: Stencil, enough: float) -> Bound:
    """The least of the bounds without trigonometry, which hold for every input size; `enough` is good enough."""
    lags = Lags.of(stencil)
    bound = Bound(lag_bound(lags), 0.0, "lags", room=ROOM_OF_LAGS)
    if bound.upper <= enough:
        return bound
    reshaped = math.prod(stencil.taps.shape[1:-1])
    others = (
        Bound(schur_of_lags(lags), 0.0, "schur", room=ROOM_OF_LAGS),
        Bound(patch_bound(stencil), 0.0, "patches", room=room_of_matrix(reshaped, stencil.taps.shape[-1])),
    )
    return min(bound, *others, key=lambda b: b.upper)


def _grid_cost(stencil: Stencil, periods: Sequence[int]) -> float:
    order = float(min(symbol_shape(stencil)))
    cost: float = math.prod(periods) / 2 * stencil.taps.shape[0] * order**3
    return cost


def _grid(stencil: Stencil, periods: Sequence[int]) -> Bound:
    """The bound from the twisted grid whose largest singular value seems to be the least.

    Where axes are longer than the circle, as in `any_size`, with 0 for the least value: with squares of at most b at
    the points, those between them are at most (b / 2)(1 + 1/Π cos(πm/N)).
    """
    choices = list(itertools.product(*(range(2 if axis.degree else 1) for axis in stencil.axes)))
    hints = {choice: largest_on_grid(stencil, frequencies(periods, choice)) for choice in choices}
    twists = min(choices, key=lambda choice: hints[choice])
    at = frequencies(periods, twists)
    stacks = (symbols(stencil, chunk) for chunk in symbol_chunks(stencil, at))
    upper = add_up(
        max(singular_values_up(stack, hints[twists]) for stack in stacks), symbol_error_up(stencil)
    )
    deviation = 1.0
    for axis, period in zip(stencil.axes, periods, strict=True):
        if axis.degree and period < axis.period:
            deviation = div_up(deviation, fraction_down(cosine_down(axis.degree, 2 * period)))
    if deviation > 1.0:
        upper = mul_up(upper, sqrt_up(add_up(0.5, deviation / 2.0)))
    return Bound(
        upper,
        0.0,
        "frequencies",
        hint={"grid": list(periods), "twist": list(twists)},
        room=room_of_symbol(*symbol_shape(stencil), stencil.tap_count),
    )
