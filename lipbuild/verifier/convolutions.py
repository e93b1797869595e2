"""Proofs that a convolution has at most a stated norm, one for each rule that a certificate may name.

For the infinite lattice and stride 1 a convolution by the blocks K_t at the shifts t has the Gram matrix with the
blocks H_Δ = Σ_t K_tᵀ K_{t+Δ}; a strided one is the same over cells of inputs. Zero padding and a finite input cut
a part out of it, which cannot have a larger norm.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import SLACK, TINY, Array, U, gamma, norm
from lipbuild.verifier.geometry import Axis, convolved
from lipbuild.verifier.proofs import norm_at_most
from lipbuild.verifier.trigonometry import exact_root_of_unity, root_of_unity

Shift = tuple[int, ...]

# Numbers in one stack of symbols, and frequencies and products that a grid may cost.
_STACK, _MOST_FREQUENCIES, _MOST_PRODUCTS = 2**22, 2**21, 1e13


def convolution_at_most(
    kernel: Array, axes: Sequence[Axis], groups: int, bound: float, proof: Mapping[str, Any]
) -> bool:
    """Whether the rule that is named proves the norm of a convolution to be at most the bound.

    Args:
        kernel: (*taps, inputs of a group, outputs).
        axes: One for each spatial dimension.
        groups: Number of groups, whose maximum counts.
        bound: What is stated.
        proof: `rule`, and for `frequencies` the `grid` and the `twist`.

    Raises:
        RefusedError: If the rule is not known.
    """
    rule = str(proof.get("rule"))
    if rule == "closed form":
        return not np.any(kernel) and bound >= 0.0
    if rule not in _RULES:
        raise RefusedError("rule", f"{rule!r} is none for a convolution")
    parts = np.split(kernel, groups, axis=-1)
    return all(_RULES[rule](part, axes, bound, proof) for part in parts)


def _explicit(kernel: Array, axes: Sequence[Axis], bound: float, _: Mapping[str, Any]) -> bool:
    """The images of all unit vectors, none of whose entries is rounded: each is a tap, or 0."""
    count = math.prod(a.length for a in axes) * kernel.shape[-2]
    units = np.eye(count).reshape(count, *(a.length for a in axes), kernel.shape[-2])
    images = [
        convolved(part, kernel, axes, 1).reshape(len(part), -1)
        for part in np.array_split(units, count // 128 + 1)
    ]
    return norm_at_most(np.concatenate(images)[None], bound)


def _patches(kernel: Array, axes: Sequence[Axis], bound: float, _: Mapping[str, Any]) -> bool:
    """Gathering patches repeats an input as often as taps of an axis share a remainder; then comes a matrix."""
    matrix = kernel.reshape(1, -1, kernel.shape[-1])
    return norm_at_most(matrix, bound / math.sqrt(repeats_of(axes)) * (1.0 - 4.0 * U))


def repeats_of(axes: Sequence[Axis]) -> int:
    """In how many patches an input is at most."""
    return math.prod(
        max(sum(t * a.dilation % a.stride == r for t in range(a.size)) for r in range(a.stride)) for a in axes
    )


def _lags(kernel: Array, axes: Sequence[Axis], bound: float, _: Mapping[str, Any]) -> bool:
    """σ² <= ‖H_0‖₂ + Σ_{Δ≠0} ‖H_Δ‖₂, as H_Δ stands beside shifts, whose norm is 1."""
    scale, blocks, error = _scaled_blocks(kernel, axes)
    rest = error
    for lag, block in _lag_blocks(blocks):
        rest += 2.0 * _roughly(block) if any(lag) else 0.0
    bound = _scaled(bound, scale)
    left = bound * bound * (1.0 - 4.0 * U) - rest * SLACK
    stacked = np.concatenate(list(blocks.values()))
    return left > 0.0 and norm_at_most(stacked[None], math.sqrt(left) * (1.0 - 4.0 * U))


def _roughly(block: Array) -> float:
    """‖H‖₂ is at most ‖H‖_F and at most ‖HᵀH‖_F^{1/2}, whose entries are off by γ ‖H‖_F² together."""
    whole = norm(block)
    fourth = norm(block.T @ block) + gamma(len(block) + 2) * whole * whole * SLACK + TINY
    return min(whole, math.sqrt(fourth) * SLACK)


def _schur(kernel: Array, axes: Sequence[Axis], bound: float, _: Mapping[str, Any]) -> bool:
    """σ² <= max_i (A v)_i / v_i for A = Σ_Δ |H_Δ| and any positive v, here after some steps towards the best."""
    scale, blocks, error = _scaled_blocks(kernel, axes)
    total, count = np.zeros(()), 0
    for lag, block in _lag_blocks(blocks):
        magnitude = np.abs(block)
        total, count = total + (magnitude + magnitude.T if any(lag) else magnitude), count + 2
    vector, best = np.ones(len(total)), math.inf
    for _step in range(100):
        image = total @ vector
        best = min(best, float(np.max(image / vector)))
        vector = np.sqrt(vector * image)
        vector = np.maximum(vector / (float(vector.max()) or 1.0), 2.0**-300)
    bound = _scaled(bound, scale)
    # The error bounds a Frobenius norm, which adds to that of A at most.
    slack = 1.0 + 4.0 * gamma(len(total) + 2 * count + 16)
    return best * slack + error + TINY <= bound * bound * (1.0 - 4.0 * U)


def _frequencies(kernel: Array, axes: Sequence[Axis], bound: float, proof: Mapping[str, Any]) -> bool:
    """The largest norm of K̂(ω) = Σ_t K_t e^{iω·t} on a circle of `grid` cells an axis, twisted or not.

    Where axes are longer than their circles, the squares at the frequencies have to be less, see `grid_of`.
    """
    grid, twist, spread = grid_of(axes, proof)
    blocks = blocks_of(kernel, axes)
    shifts = np.array(list(blocks))
    stack = np.stack(list(blocks.values()))
    rows, columns = stack.shape[1:]
    if math.prod(grid) * float(min(rows, columns)) ** 3 > _MOST_PRODUCTS:
        raise RefusedError("rule", f"the grid {grid} is too large to be checked")
    # Phases are off by less than 4u for each axis, and sums of products by γ.
    size = float(sum(norm(block) for block in stack)) * SLACK
    error = 2.0 * (gamma(len(stack) + 2) + 4.0 * U * (len(axes) + 1)) * size * SLACK + TINY
    if not bound > error:
        return not np.any(kernel)
    left = (bound * math.sqrt(spread) - error) * (1.0 - 8.0 * U)
    if not left > 0.0:
        return False
    return all(norm_at_most(part, left) for part in _symbols(stack, shifts, grid, twist))


def _symbols(stack: Array, shifts: Array, grid: Sequence[int], twist: Sequence[int]) -> Iterator[Array]:
    """The symbols as real matrices [[Re, −Im], [Im, Re]], of one of each pair of frequencies ±ω."""
    kept = kept_frequencies(grid, twist)
    rows, columns = stack.shape[1:]
    step = max(1, _STACK // (4 * rows * columns))
    for start in range(0, len(kept), step):
        phases = np.array([[_phase(f, shift, grid) for shift in shifts] for f in kept[start : start + step]])
        real = np.tensordot(phases[..., 0], stack, 1)
        imaginary = np.tensordot(phases[..., 1], stack, 1)
        yield np.concatenate(
            [np.concatenate([real, -imaginary], axis=2), np.concatenate([imaginary, real], axis=2)], axis=1
        )


def kept_frequencies(grid: Sequence[int], twist: Sequence[int]) -> list[tuple[int, ...]]:
    """The frequencies π p / N of each axis, one of each pair ±ω: a real kernel has conjugate symbols there."""
    turns = [[(2 * j + t) % (2 * n) for j in range(n)] for n, t in zip(grid, twist, strict=True)]
    pairs = (
        (f, tuple(-p % (2 * n) for p, n in zip(f, grid, strict=True))) for f in itertools.product(*turns)
    )
    return [f for f, mirrored in pairs if f <= mirrored]


def _phase(frequency: Sequence[int], shift: Array, grid: Sequence[int]) -> tuple[float, float]:
    """e^{iω·t} with ω = π p / N for each axis."""
    real, imaginary = 1.0, 0.0
    for p, t, n in zip(frequency, shift.tolist(), grid, strict=True):
        c, s = root_of_unity(p * t, 2 * n)
        real, imaginary = real * c - imaginary * s, real * s + imaginary * c
    return real, imaginary


def blocks_of(kernel: Array, axes: Sequence[Axis]) -> dict[Shift, Array]:
    """The blocks K_t, (inputs of a cell, outputs): a cell holds the inputs of one stride that any tap reads."""
    taps = list(itertools.product(*(range(a.size) for a in axes)))
    places = [tuple(divmod(t * a.dilation, a.stride) for t, a in zip(tap, axes, strict=True)) for tap in taps]
    cells = sorted({tuple(rest for _, rest in place) for place in places})
    inputs, outputs = kernel.shape[-2:]
    blocks: dict[Shift, Array] = {}
    for tap, place in zip(taps, places, strict=True):
        block = blocks.setdefault(tuple(q for q, _ in place), np.zeros((len(cells) * inputs, outputs)))
        row = cells.index(tuple(rest for _, rest in place)) * inputs
        block[row : row + inputs] = kernel[tap]
    return blocks


def _scaled_blocks(kernel: Array, axes: Sequence[Axis]) -> tuple[int, dict[Shift, Array], float]:
    """The blocks of a kernel divided by a power of two, transposed where that makes H_Δ smaller.

    Returns:
        The exponent; the blocks; and the sum of the Frobenius norms by which all H_Δ may be off.
    """
    exponent = math.frexp(float(np.max(np.abs(kernel), initial=0.0)))[1]
    blocks = blocks_of(np.ldexp(kernel, -exponent), axes)
    rows, columns = next(iter(blocks.values())).shape
    if columns > rows:
        blocks = {shift: block.T for shift, block in blocks.items()}
    size = float(sum(norm(block) for block in blocks.values())) * SLACK
    error = gamma(max(rows, columns) + len(blocks) + 2) * size * size * SLACK + TINY
    return exponent, blocks, error


def _lag_blocks(blocks: Mapping[Shift, Array]) -> Iterator[tuple[Shift, Array]]:
    """H_Δ of Δ = 0 and of one of each other pair ±Δ, one after the other: all of them may not fit into memory."""
    pairs: dict[Shift, list[tuple[Shift, Shift]]] = {}
    for p, q in itertools.product(blocks, repeat=2):
        lag = tuple(b - a for a, b in zip(p, q, strict=True))
        if lag >= tuple(-n for n in lag):
            pairs.setdefault(lag, []).append((p, q))
    for lag, terms in pairs.items():
        yield lag, np.asarray(sum(blocks[p].T @ blocks[q] for p, q in terms), np.float64)


def _scaled(bound: float, exponent: int) -> float:
    """The bound divided by 2^exponent; what goes beyond float64 does not matter beside weights below 1."""
    try:
        return math.ldexp(bound, -exponent)
    except OverflowError:
        return math.inf


def grid_of(axes: Sequence[Axis], proof: Mapping[str, Any]) -> tuple[list[int], list[int], Fraction]:
    """The stated grid, its twist, and what the squared bound is to be multiplied by for its frequencies.

    That is 1 where nothing wraps around. Along each other axis v*(K̂*K̂ − b/2)v is a trigonometric polynomial of degree
    m, whose magnitude is at most its maximum over N > 2m equispaced points divided by cos(πm/N) (Ehlich & Zeller 1964).
    That maximum is b/2 where the squares are between 0 and b at the points: b = s·bound² for s = 2c/(1 + c), c = Π cos.

    Raises:
        RefusedError: If there is no such grid, or it has too few points.
    """
    grid, twist = proof.get("grid"), proof.get("twist")
    for value in (grid, twist):
        if not isinstance(value, list) or len(value) != len(axes) or any(type(v) is not int for v in value):
            raise RefusedError("rule", f"{value!r:.60} is not a grid for {len(axes)} axes")
    assert isinstance(grid, list)
    assert isinstance(twist, list)
    if not all(n > 0 for n in grid) or math.prod(grid) > _MOST_FREQUENCIES or not set(twist) <= {0, 1}:
        raise RefusedError("rule", f"the grid {grid} with the twist {twist} is none")
    cosines = Fraction(1)
    for axis, period in zip(axes, grid, strict=True):
        # An axis whose windows are apart needs no circle: its symbol does not depend on the frequency.
        if axis.fits(period) or (period == 1 and axis.extent <= axis.stride):
            continue
        degree = (axis.extent - 1) // axis.stride
        if period <= 2 * degree:
            raise RefusedError("rule", f"the grid {grid} has too few points")
        cosines *= Fraction(exact_root_of_unity(degree, 2 * period)[0]) - Fraction(1, 10**40)
    return grid, twist, 2 * cosines / (1 + cosines)


_RULES = {
    "explicit": _explicit,
    "patches": _patches,
    "lags": _lags,
    "schur": _schur,
    "frequencies": _frequencies,
}
