"""Inputs that an export with a radius must not be misled by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.runtimes.runtime import Predict

Samples = NDArray[np.float32]

_LARGEST = float(np.finfo(np.float32).max)
# Squares of the larger ones overflow; the least are not normal.
_EVERYWHERE = (
    np.nan,
    np.inf,
    -np.inf,
    1e38,
    -1e38,
    _LARGEST,
    -_LARGEST,
    2e19,
    1e17,
    1e-20,
    1e-40,
    1e-45,
    0.0,
    -0.0,
)
_IN_ONE_PLACE = (np.nan, np.inf, -np.inf, _LARGEST, 1e38, 1e-45)
_PAIRS = 8
# More than the bits of a float32 number between two others of its size.
_HALVINGS = 40


def hostile(real: Samples) -> Samples:
    """What is not a number, infinite, too large or too small, everywhere and in one place of a real input.

    Args:
        real: Inputs of the data, at least one.
    """
    shape = real.shape[1:]
    rng = np.random.default_rng(0)
    rows = [np.full(shape, value, np.float32) for value in _EVERYWHERE]
    rows += [np.float32(1e38) * rng.choice([-1.0, 1.0], shape).astype(np.float32) for _ in range(4)]
    for i, value in enumerate(_IN_ONE_PLACE):
        one = real[i % len(real)].copy()
        one.flat[rng.integers(one.size)] = value
        rows.append(one)
    return np.stack(rows).astype(np.float32)


def at_boundary(labels: Predict, real: Samples) -> Samples:
    """Pairs of inputs beside a boundary between two classes, which differ by their last digits alone.

    Args:
        labels: A network's outputs by their names, `label` among them.
        real: Inputs of the data.

    Returns:
        The pairs, each with neighbours whose numbers are all one unit in the last place larger or smaller; none where
        all inputs are of one class.
    """
    x = np.concatenate([real, -real])
    found = np.asarray(labels(x)["label"], np.int64).ravel()
    firsts, seconds = (np.flatnonzero(found == label) for label in _two_labels(found))
    count = min(_PAIRS, len(firsts), len(seconds))
    if count == 0:
        return x[:0]
    one, other = x[firsts[:count]], x[seconds[:count]]
    own = found[firsts[:count]]
    for _ in range(_HALVINGS):
        middle = (one.astype(np.float64) / 2.0 + other.astype(np.float64) / 2.0).astype(np.float32)
        same = (labels(middle)["label"].ravel() == own).reshape(-1, *[1] * (x.ndim - 1))
        one, other = np.where(same, middle, one), np.where(same, other, middle)
    up, down = (np.nextafter(one, np.float32(limit)) for limit in (np.inf, -np.inf))
    return np.concatenate([one, other, up, down])


def _two_labels(found: NDArray[np.int64]) -> tuple[int, int]:
    """The two labels that most inputs have; twice the same where there is one."""
    labels, counts = np.unique(found[found >= 0], return_counts=True)
    ordered = labels[np.argsort(-counts)]
    return (int(ordered[0]), int(ordered[1])) if len(ordered) > 1 else (-2, -2)
