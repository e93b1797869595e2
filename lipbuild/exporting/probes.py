"""The inputs on which an export is compared with its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_MOST = 1000
_RANDOM = 128
_IMPULSES = 16
_FAR = 1000.0


def probes(real: Samples) -> dict[str, Samples]:
    """Real, random and extreme inputs of a network.

    Args:
        real: Inputs of its data, at least one.

    Returns:
        `real`: evenly spaced samples of the data, at most 1,000; `one`: one of them by itself, for the batch's
        size is free; `random`: noise over the range of the data and beyond it; `extreme`: constants, single
        values, a checkerboard, numbers a thousand times the data's, and numbers too small to be normal.
    """
    chosen = real[np.linspace(0, len(real) - 1, min(len(real), _MOST)).astype(int)]
    shape = chosen.shape[1:]
    low, high = float(chosen.min()), float(chosen.max())
    spread = max(high - low, 1e-3)
    rng = np.random.default_rng(0)
    uniform = rng.uniform(low, high, (_RANDOM, *shape))
    normal = rng.normal((low + high) / 2, spread, (_RANDOM, *shape))
    return {
        "real": chosen,
        "one": chosen[:1],
        "random": np.concatenate([uniform, normal]).astype(np.float32),
        "extreme": _extreme(shape, low, high, spread, rng),
    }


def _extreme(
    shape: tuple[int, ...], low: float, high: float, spread: float, rng: np.random.Generator
) -> Samples:
    size = int(np.prod(shape))
    constants = [0.0, low, high, _FAR * spread, -_FAR * spread, 1e-20, 1e-40]
    rows = [np.full(size, value) for value in constants]
    rows += [np.where(np.arange(size) % 2, low, high), np.where(np.arange(size) % 2, high, low)]
    for place in np.linspace(0, size - 1, min(size, _IMPULSES)).astype(int):
        impulse = np.zeros(size)
        impulse[place] = spread
        rows += [impulse, -_FAR * impulse]
    rows += list(_FAR * spread * rng.normal(size=(8, size)))
    return np.stack(rows).astype(np.float32).reshape(-1, *shape)
