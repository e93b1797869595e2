"""The symbol of a convolution: its matrix at a frequency."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.gram import nonnegative_gain_up
from lipbuild.certifying.bounds.roots import unit_root
from lipbuild.certifying.bounds.rounding import UNIT_ROUNDOFF, add_up, gamma, mul_up, sqrt_up
from lipbuild.certifying.bounds.stencil import Stencil

# Float64 numbers of a stack of symbols: few enough for a processor's cache to be of use.
_ENTRIES = 2**21
# A frequency: for each axis the numerator p and the denominator 2N of ω / 2π = p / 2N.
Frequency = tuple[tuple[int, int], ...]


def frequencies(periods: Sequence[int], twists: Sequence[int]) -> list[Frequency]:
    """The frequencies (2πj + πt)/N of a twisted grid, one of each pair ±ω.

    A real kernel has conjugate matrices at ω and −ω, with the same singular values.

    Args:
        periods: N for each axis.
        twists: t for each axis, 0 or 1.

    Returns:
        The frequencies as fractions of a turn.
    """
    lines = [[((2 * j + t) % (2 * n), 2 * n) for j in range(n)] for n, t in zip(periods, twists, strict=True)]
    kept = []
    for frequency in itertools.product(*lines):
        mirrored = tuple((-p % q, q) for p, q in frequency)
        if frequency <= mirrored:
            kept.append(frequency)
    return kept


def symbol_shape(stencil: Stencil) -> tuple[int, int]:
    """Rows and columns of the real form of the symbol of one group."""
    return 2 * len(cells(stencil)) * stencil.taps.shape[-2], 2 * stencil.taps.shape[-1]


def symbols(stencil: Stencil, at: Sequence[Frequency]) -> Array:
    """The symbols K̂(ω) of all groups, as real matrices [[Re, −Im], [Im, Re]].

    With stride s an output j reads the inputs s·j + q = s·(j + ⌊q/s⌋) + (q mod s): the inputs fall into cells
    by their remainders, and each cell is a stride-1 convolution. The symbol stacks the cells that have taps.

    Args:
        stencil: The convolution.
        at: The frequencies.

    Returns:
        (frequencies · groups, rows, columns); the real form has the singular values of the symbol, each
        twice.
    """
    x, y = parts_of_symbols(stencil, at)
    return np.concatenate([np.concatenate([x, -y], axis=2), np.concatenate([y, x], axis=2)], axis=1)


def parts_of_symbols(stencil: Stencil, at: Sequence[Frequency]) -> tuple[Array, Array]:
    """The real and the imaginary parts of the symbols, each (frequencies · groups, rows, columns)."""
    taps = stencil.taps
    groups, inputs, outputs = taps.shape[0], taps.shape[-2], taps.shape[-1]
    parts = cells(stencil)
    real = np.empty((len(at), groups, len(parts), inputs, outputs))
    imaginary = np.empty_like(real)
    for i, members in enumerate(parts):
        block = np.stack([stencil.tap(tap) for tap, _ in members])
        flat = block.reshape(len(members), -1)
        shifts = np.array([shift for _, shift in members])
        cos, sin = _phases(at, shifts)
        real[:, :, i] = (cos @ flat).reshape(len(at), groups, inputs, outputs)
        imaginary[:, :, i] = (sin @ flat).reshape(len(at), groups, inputs, outputs)
    shape = (len(at) * groups, len(parts) * inputs, outputs)
    return real.reshape(shape), imaginary.reshape(shape)


def symbol_chunks(stencil: Stencil, at: Sequence[Frequency]) -> Iterator[Sequence[Frequency]]:
    """The frequencies in parts whose symbols fit into memory."""
    rows, columns = symbol_shape(stencil)
    chunk = max(1, _ENTRIES // (rows * columns * stencil.taps.shape[0]))
    for start in range(0, len(at), chunk):
        yield at[start : start + chunk]


def magnitude_up(stencil: Stencil) -> float:
    """An upper bound of the norm of the convolution with the kernel |K|, for any input size.

    No entry of its symbol exceeds the one at the frequency 0, which is Σ_q |K_q| in each cell; the norm of
    that matrix is bounded by Collatz–Wielandt.
    """
    blocks = [[np.abs(stencil.tap(tap)) for tap, _ in members] for members in cells(stencil)]
    sums = np.concatenate([np.sum(block, axis=0) for block in blocks], axis=1)
    gain = float(np.max(nonnegative_gain_up(sums)))
    # Sums of non-negative terms: short by a factor of at most 1 + γ of their length.
    slack = 1.0 + 2.0 * gamma(stencil.tap_count + sums.shape[1] + sums.shape[2] + 64)
    return mul_up(sqrt_up(gain), slack)


def symbol_error_up(stencil: Stencil) -> float:
    """An upper bound of the spectral norm by which any matrix of `symbols` is off.

    A phase is off by at most 6u per axis (see `_phases`) and a sum of Q products by γ_Q in its real and in
    its imaginary part, so |ΔK̂| <= (√2 γ_Q (1 + u) + 6du) Σ_q |K_q| entry by entry; see `magnitude_up`.
    """
    per_entry = add_up(mul_up(2.0, gamma(stencil.tap_count + 1)), 8.0 * len(stencil.axes) * UNIT_ROUNDOFF)
    return mul_up(per_entry, magnitude_up(stencil))


def cells(stencil: Stencil) -> list[list[tuple[tuple[int, ...], tuple[int, ...]]]]:
    """For each cell of inputs that has taps: the taps and their shifts in outputs."""
    found: dict[tuple[int, ...], list[tuple[tuple[int, ...], tuple[int, ...]]]] = {}
    for tap in itertools.product(*(range(axis.size) for axis in stencil.axes)):
        offsets = [a * axis.dilation for a, axis in zip(tap, stencil.axes, strict=True)]
        cell = tuple(o % axis.stride for o, axis in zip(offsets, stencil.axes, strict=True))
        shift = tuple(o // axis.stride for o, axis in zip(offsets, stencil.axes, strict=True))
        found.setdefault(cell, []).append((tap, shift))
    return list(found.values())


def _phases(at: Sequence[Frequency], shifts: np.ndarray) -> tuple[Array, Array]:
    """The phases e^{iω·q}, each off by at most 6u per axis.

    A root of unity is off by u (`unit_root`). A product of two numbers near the circle adds their errors and
    √2 γ_2 < 3u of its own: less than 6u for each axis.

    Returns:
        Two arrays (frequencies, shifts): the real and the imaginary parts.
    """
    cos = np.ones((len(at), len(shifts)))
    sin = np.zeros((len(at), len(shifts)))
    for axis in range(shifts.shape[1]):
        table: dict[tuple[int, int], tuple[float, float]] = {}
        c, s = np.empty(cos.shape), np.empty(cos.shape)
        for i, frequency in enumerate(at):
            p, q = frequency[axis]
            for j, shift in enumerate(shifts[:, axis].tolist()):
                key = (p * shift % q, q)
                if key not in table:
                    divisor = math.gcd(*key)
                    table[key] = unit_root(key[0] // divisor, q // divisor)
                c[i, j], s[i, j] = table[key]
        cos, sin = cos * c - sin * s, cos * s + sin * c
    return cos, sin
