from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.report.data_report import NearDuplicates

Samples = NDArray[np.float64]
# Two samples are nearly identical below this share of the usual distance to the nearest: images that were stored a
# second time as JPEG are about .08 apart, and with so many values no two come that near by chance.
_NEAR_IMAGES = 0.1
_NEAR_ROWS = 0.01
_ROWS = 256


def near_duplicates(parts: Mapping[str, Samples]) -> tuple[NearDuplicates, ...]:
    """Samples of one part that are nearly, but not exactly, those of another.

    Near is a distance below 1 % (10 % for images) of the median distance from a training sample to the nearest other
    one. The columns of a table are divided by their deviation first. Of n samples with d values about n·ln 2·f^d come
    as near as the share f by chance, e on average: 5·(e + √e) and fewer are not reported.

    Args:
        parts: The samples of each part, (samples, values) for a table or (samples, height, …) for images; the training
            part first.
    """
    names = list(parts)
    train = parts[names[0]]
    near = _NEAR_IMAGES if train.ndim > 2 else _NEAR_ROWS
    flat = {name: own.reshape(len(own), -1) for name, own in parts.items()}
    base = flat[names[0]]
    if len(base) < 2:
        return ()
    mean, scale = base.mean(axis=0), base.std(axis=0) if train.ndim == 2 else np.ones(base.shape[1])
    varying = scale > 0
    flat = {name: (own - mean)[:, varying] / scale[varying] for name, own in flat.items()}
    distinct = np.unique(flat[names[0]], axis=0)
    if len(distinct) < 2:
        return ()
    usual = float(np.median(_nearest(distinct, distinct, itself=True)))
    found = []
    for first, second in combinations(names, 2):
        distances = _nearest(flat[second], flat[first])
        count = int(((distances > 0) & (distances < near * usual)).sum())
        by_chance = len(distances) * np.log(2.0) * near ** int(varying.sum())
        if count > 5.0 * (by_chance + np.sqrt(by_chance)):
            found.append(NearDuplicates((first, second), count, len(flat[second]), len(flat[first])))
    return tuple(found)


def _nearest(samples: Samples, others: Samples, *, itself: bool = False) -> NDArray[np.float64]:
    """The distance of each sample to the nearest other, a few rows at a time."""
    norms, other_norms = (samples**2).sum(axis=1), (others**2).sum(axis=1)
    nearest: NDArray[np.float64] = np.full(len(samples), np.inf)
    if not len(others):
        return nearest
    for start in range(0, len(samples), _ROWS):
        rows = slice(start, min(start + _ROWS, len(samples)))
        squares = norms[rows, np.newaxis] + other_norms - 2.0 * (samples[rows] @ others.T)
        if itself:
            squares[np.arange(rows.stop - start), np.arange(start, rows.stop)] = np.inf
        # The squares are rounded; the distance to the partner that they show is not.
        nearest[rows] = np.linalg.norm(samples[rows] - others[squares.argmin(axis=1)], axis=1)
    return nearest
