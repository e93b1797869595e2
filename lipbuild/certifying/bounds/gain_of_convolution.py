"""A lower bound of the gain of a convolution on an input of known size."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.stencil import Stencil
from lipbuild.certifying.bounds.symbol import Frequency, cells
from lipbuild.certifying.bounds.witness import gain_down

# Products of the power steps, and of one of them: about a second in all.
_POWER_BUDGET, _STEP_BUDGET = 2e10, 1e9
_STEPS_AT_ZERO = 30


def convolution_gain_down(stencil: Stencil, frequency: Frequency, vector: Array, enough: float) -> float:
    """The gain on an input that some power steps find, rounded down.

    Args:
        stencil: a convolution of one group on a known input size.
        frequency: Where the symbol is largest.
        vector: The right singular vector there, in the real form of the symbol's outputs.
        enough: a gain that is not worth improving.

    Returns:
        A non-negative float, for the scaled taps.
    """
    stencil = _cropped(stencil)
    x = _wave(stencil, frequency, vector)
    best = _gain(stencil, x)
    products = 2 * math.prod(axis.outputs for axis in stencil.axes) * stencil.taps.size
    steps = min(max(int(_POWER_BUDGET / products), 8), 60) if best < enough else 0
    for _ in range(steps):
        y = _adjoint(stencil.taps[0], stencil, _apply(stencil.taps[0], stencil, x))
        peak = float(np.max(np.abs(y), initial=0.0))
        if peak == 0.0:
            break
        x = y / peak
    return max(best, _gain(stencil, x))


def still_wave(stencil: Stencil) -> tuple[tuple[Array, Array], int, Array]:
    """The symbol at the frequency 0 and a vector that it stretches most, as some power steps find it.

    Returns:
        The symbol and its vector, of the group where they stretch most; the group; and the vector in the real form.
    """
    best: tuple[float, tuple[Array, Array], int] | None = None
    for group in range(stencil.taps.shape[0]):
        part = stencil.group(group)
        blocks = [sum(part.tap(tap)[0] for tap, _ in members) for members in cells(part)]
        symbol: Array = np.concatenate([np.asarray(block, np.float64) for block in blocks])
        vector: Array = np.asarray(np.random.default_rng(0).standard_normal(symbol.shape[1]), np.float64)
        gain = 0.0
        for _ in range(_STEPS_AT_ZERO):
            image = symbol.T @ (symbol @ vector)
            peak = float(np.max(np.abs(image), initial=0.0))
            if peak == 0.0:
                break
            gain, vector = float(np.linalg.norm(image) / np.linalg.norm(vector)), image / peak
        if best is None or gain > best[0]:
            best = (gain, (symbol, vector), group)
    assert best is not None
    at, group = best[1:]
    return at, group, np.concatenate([at[1], np.zeros_like(at[1])])


def _cropped(stencil: Stencil) -> Stencil:
    """The convolution on the first of its inputs alone, as many as are worth their time.

    Each axis loses whole strides, so that its padding stays: what the smaller input gains, the larger one gains too.
    """
    axes = list(stencil.axes)
    while math.prod(axis.outputs for axis in axes) * stencil.taps.size > _STEP_BUDGET:
        i = max(range(len(axes)), key=lambda j: axes[j].outputs)
        length = (axes[i].length or 0) - axes[i].stride * (axes[i].outputs // 4 + 1)
        # Smaller than this the border is most of it.
        if length < 2 * axes[i].extent + axes[i].stride:
            break
        axes[i] = replace(axes[i], length=length)
    return replace(stencil, axes=tuple(axes))


def _gain(stencil: Stencil, x: Array) -> float:
    taps = stencil.taps[0]
    peak = float(np.max(np.abs(x), initial=0.0))
    if peak == 0.0:
        return 0.0
    x = x / peak
    roundings = stencil.tap_count * taps.shape[-2]
    return gain_down(_apply(taps, stencil, x), _apply(np.abs(taps), stencil, np.abs(x)), x, roundings)


def _wave(stencil: Stencil, frequency: Frequency, vector: Array) -> Array:
    """A windowed plane wave in the outputs, taken back to the inputs."""
    channels = stencil.taps.shape[-1]
    phase: Array = np.zeros((1,) * len(stencil.axes))
    window: Array = np.ones((1,) * len(stencil.axes))
    for i, (axis, (p, q)) in enumerate(zip(stencil.axes, frequency, strict=True)):
        shape = [-1 if j == i else 1 for j in range(len(stencil.axes))]
        j = np.arange(axis.outputs)
        phase = phase + (2.0 * np.pi * p / q * j).reshape(shape)
        # Zero near the border: there an orthogonal convolution loses what it writes into the padding.
        margin = min(math.ceil(axis.extent / axis.stride), (axis.outputs - 1) // 4)
        bump = np.sin(np.pi * (j - margin + 1.0) / (axis.outputs - 2.0 * margin + 1.0))
        window = window * np.where((j >= margin) & (j < axis.outputs - margin), bump, 0.0).reshape(shape)
    # y_j = Re(conj(v) e^{iωj}): the transpose, not the adjoint, of the symbol maps inputs to outputs.
    cos, sin = (window * np.cos(phase))[..., None], (window * np.sin(phase))[..., None]
    return _adjoint(stencil.taps[0], stencil, cos * vector[:channels] + sin * vector[channels:])


def _slices(stencil: Stencil, tap: tuple[int, ...]) -> tuple[slice, ...]:
    """Where a tap reads in the padded input, for all outputs."""
    return tuple(
        slice(a * axis.dilation, a * axis.dilation + (axis.outputs - 1) * axis.stride + 1, axis.stride)
        for a, axis in zip(tap, stencil.axes, strict=True)
    )


def _padded(stencil: Stencil, channels: int) -> tuple[Array, tuple[slice, ...]]:
    shape, inside = [], []
    for axis in stencil.axes:
        length = axis.length or 0
        shape.append(max((axis.outputs - 1) * axis.stride + axis.extent, axis.left + length))
        inside.append(slice(axis.left, axis.left + length))
    return np.zeros((*shape, channels)), tuple(inside)


def _apply(taps: Array, stencil: Stencil, x: Array) -> Array:
    padded, inside = _padded(stencil, taps.shape[-2])
    padded[inside] = x
    result: Array = np.zeros((*(axis.outputs for axis in stencil.axes), taps.shape[-1]))
    for tap in itertools.product(*(range(axis.size) for axis in stencil.axes)):
        window = padded[_slices(stencil, tap)]
        result += (window.reshape(-1, window.shape[-1]) @ taps[tap]).reshape(result.shape)
    return result


def _adjoint(taps: Array, stencil: Stencil, y: Array) -> Array:
    padded, inside = _padded(stencil, taps.shape[-2])
    flat = y.reshape(-1, y.shape[-1])
    for tap in itertools.product(*(range(axis.size) for axis in stencil.axes)):
        padded[_slices(stencil, tap)] += (flat @ taps[tap].T).reshape(*y.shape[:-1], -1)
    return padded[inside]
