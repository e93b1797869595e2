"""Kernels that lipbuild's layers compute from their weights, as balls. s = 1 − 2⁻¹⁹ keeps each off its constant."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from lipbuild.certify.verify.balls import Ball, exact, rounded
from lipbuild.certify.verify.elementary import power_of_e
from lipbuild.certify.verify.floats import SLACK, Array, norm

SAFETY = exact(1.0 - 2.0**-19)


def _normalised(weight: Array) -> Array:
    """A weight times a power of two, for kernels that this does not change."""
    peak = float(np.max(np.abs(weight), initial=0.0))
    return np.ldexp(weight, -int(np.frexp(peak)[1])) if peak else weight


def _absolute_gram(taps: Ball, sizes: Sequence[int]) -> Ball:
    """Σ_Δ |Σ_p K_pᵀ K_{p+Δ}| for taps (positions, channels, hidden channels)."""
    lags: dict[tuple[int, ...], Ball] = {}
    positions = list(np.ndindex(*sizes))
    for (i, p), (j, q) in itertools.product(enumerate(positions), repeat=2):
        lag = tuple(b - a for a, b in zip(p, q, strict=True))
        product = taps[i].transposed @ taps[j]
        lags[lag] = lags[lag] + product if lag in lags else product
    total = exact(np.zeros(taps.middle.shape[-1:] * 2))
    for block in lags.values():
        total = total + block.magnitude()
    return total


def _without_empty(sums: Ball, taps: Array) -> Ball:
    """Sums with a 1 for each hidden channel whose weights are all zero: whatever its factor, it stays zero."""
    empty = ~np.any(taps, axis=(0, 1))
    return Ball(np.where(empty, 1.0, sums.middle), np.where(empty, 0.0, sums.radius))


def almost_orthogonal(weight: Array) -> Ball:
    """`AOLDense`, `AOLConv2D`: s W D with D_ii = (Σ_j |gram|_ij)^(−1/2), on the side with fewer channels."""
    *sizes, inputs, outputs = weight.shape
    weight = _normalised(weight)
    if not np.any(weight):
        return exact(weight)
    taps = weight.reshape(-1, inputs, outputs)
    taps = taps if outputs <= inputs else np.swapaxes(taps, 1, 2)
    sums = _without_empty(_absolute_gram(exact(taps), sizes).summed(1), taps)
    factors = SAFETY * sums.root().inverse()
    return exact(weight) * (factors if outputs <= inputs else factors[:, None])


def residual(weight: Array, scales: Array) -> tuple[Ball, Ball]:
    """`SLLDense`, `SLLConv2D`: W over its largest magnitude if above 1, and 2 s W diag(q_i / Σ_j |gram|_ij q_j)."""
    *sizes, inputs, hidden = weight.shape
    peak = float(np.max(np.abs(weight)))
    into = exact(weight) * exact(peak).inverse() if peak > 1.0 else exact(weight)
    taps = into.moved(lambda part: part.reshape(-1, inputs, hidden))
    powers = np.array([power_of_e(float(t), float(scales.max()), -20.0) for t in scales])
    q = rounded(powers, np.zeros_like(powers))
    sums = _without_empty((_absolute_gram(taps, sizes) @ q[:, None])[:, 0], taps.middle)
    return into, into * (exact(2.0) * SAFETY * q * sums.inverse())


def orthogonal_dense(vectors: Array, inputs: int, units: int) -> tuple[Ball, float]:
    """`OrthoDense`: a block of s (I − 2 s² P) with P = V (VᵀV + ρI)⁻¹Vᵀ and ρ = 10⁻⁶ tr(VᵀV)/n.

    With a solution X of (VᵀV + ρI)X = Vᵀ up to the residual R it is P − VX = −XᵀR + E, ‖E‖ <= ‖R‖²/ρ.

    Returns:
        The block without E, and 2‖E‖.

    Raises:
        ValueError: if V is zero or near it, where the layer itself keeps ρ away from 0.
    """
    if not float(np.max(np.abs(vectors))) > 2.0**-40:
        raise ValueError("the vectors of the reflection are zero or near it")
    values = _normalised(vectors)
    v, n = exact(values), values.shape[1]
    gram = v.transposed @ v
    squares = (exact(values) * exact(values)).moved(np.ravel).summed(0)
    ridge = exact(1e-6) * squares * exact(float(n)).inverse()
    system = gram + exact(np.eye(n)) * ridge
    x = exact(np.linalg.solve(system.middle, values.T))
    residue = system @ x - v.transposed
    correction = x.transposed @ residue
    projection = v @ x - correction
    block = (exact(np.eye(len(values))) - exact(2.0) * SAFETY * SAFETY * projection) * SAFETY
    size = norm(np.abs(residue.middle) + residue.radius) * SLACK
    least = float(ridge.middle) - float(ridge.radius) * SLACK
    return block[:inputs, :units], 2.0 * size * size / least * SLACK


def orthogonal_convolution(
    patch: Array, bases: Array | None, sizes: Sequence[int], strides: Sequence[int]
) -> Ball:
    """`OrthoConv2D`: s times a convolution of factors [P, I − P], P = M Mᵀ, and of a patch matrix.

    The factors alternate between the axes, and in pairs between [P, I − P] and [I − P, P]; the i-th of the first
    h − 1 bases is the i-th along the height, and the others go along the width. They act after the patch matrix
    if that has no stride and expands the channels, else before it.
    """
    (sh, sw), outputs = strides, patch.shape[-1]
    matrix = exact(patch.reshape(sh, sw, -1, outputs))
    if bases is None:
        return SAFETY * matrix
    height, width = sizes[0] - sh, sizes[1] - sw
    channels = bases.shape[1]
    kernel = exact(np.eye(channels)[None, None])
    order = [(i, axis) for i in range(max(height, width)) for axis in (0, 1) if i < (height, width)[axis]]
    for position, (i, axis) in enumerate(order):
        m = exact(bases[i if axis == 0 else height + i])
        p = m @ m.transposed
        pair = [p, exact(np.eye(channels)) - p]
        taps = pair if position % 4 < 2 else pair[::-1]
        kernel = _after(kernel, [((0, 0), taps[0]), ((1, 0) if axis == 0 else (0, 1), taps[1])])
    inputs = matrix.middle.shape[2]
    if sh * sw == 1 and outputs > inputs:
        return SAFETY * _after(matrix, _taps(kernel))
    return SAFETY * _after(kernel, _taps(matrix))


def _taps(kernel: Ball) -> list[tuple[tuple[int, int], Ball]]:
    return [((i, j), kernel[i, j]) for i, j in np.ndindex(*kernel.middle.shape[:2])]


def _after(first: Ball, second: Sequence[tuple[tuple[int, int], Ball]]) -> Ball:
    """The kernel of a convolution by the first and then by the second, whose taps are given with their places."""
    h, w = first.middle.shape[:2]
    bottom, right = max(i for (i, _), _ in second), max(j for (_, j), _ in second)
    total: Ball | None = None
    for (i, j), tap in second:
        margins = ((i, bottom - i), (j, right - j), (0, 0), (0, 0))
        shifted = (first @ tap).moved(lambda part: np.pad(part, margins))  # noqa: B023
        total = shifted if total is None else total + shifted
    assert total is not None
    assert total.middle.shape[:2] == (h + bottom, w + right)
    return total
