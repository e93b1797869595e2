"""How far classes are apart, and what that leaves to be certified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.report.data_report import Distances, Limit

Samples = NDArray[np.float64]
_ROWS = 256
_PERCENTILES = (1, 10, 50)


def distances(samples: Samples, classes: NDArray[np.int64]) -> Distances | None:
    """The distance of each sample to the nearest of another class; None where there is a single class.

    Args:
        samples: (samples, values).
        classes: (samples,).
    """
    if len(np.unique(classes)) < 2:
        return None
    nearest = np.empty(len(samples))
    for rows, squares in _squares(samples):
        squares[classes[rows, np.newaxis] == classes] = np.inf
        # The nearest by a rounded distance may not be the very nearest, but its distance is one that there is.
        partner = squares.argmin(axis=1)
        nearest[rows] = _up(np.linalg.norm(samples[rows] - samples[partner], axis=1))
    return Distances(
        len(samples),
        float(nearest.min()),
        {percent: float(np.percentile(nearest, percent)) for percent in _PERCENTILES},
    )


def limits(
    samples: Samples, classes: NDArray[np.int64], radii: Sequence[float], count: int
) -> tuple[Limit, ...]:
    """For each radius an upper bound of what any network can certify.

    Two samples of different classes that are less than 2r apart cannot both be certified at the radius r: their
    balls meet. Disjoint pairs of such samples are collected, and of each pair one at least is not certified.

    Args:
        samples: (samples, values), of the test part.
        classes: (samples,).
        radii: The radii.
        count: The number of samples of the whole test part, of which these may be some.
    """
    free = [np.ones(len(samples), dtype=bool) for _ in radii]
    pairs = [0] * len(radii)
    for rows, squares in _squares(samples):
        squares[classes[rows, np.newaxis] == classes] = np.inf
        for number, radius in enumerate(radii):
            # A little less than 2r, for the rounding of the distances.
            close = squares < (2.0 * radius) ** 2 * (1.0 - 1e-6) - _slack(samples, rows)
            for row, candidates in zip(range(rows.start, rows.stop), close):
                if free[number][row]:
                    partners = np.flatnonzero(candidates & free[number])
                    if len(partners):
                        free[number][[row, partners[0]]] = False
                        pairs[number] += 1
    return tuple(Limit(radius, found, count) for radius, found in zip(radii, pairs))


def _squares(samples: Samples) -> Iterator[tuple[slice, Samples]]:
    """Squared distances of some rows to all, a few rows at a time."""
    norms = (samples**2).sum(axis=1)
    for start in range(0, len(samples), _ROWS):
        rows = slice(start, min(start + _ROWS, len(samples)))
        yield rows, norms[rows, np.newaxis] + norms - 2.0 * (samples[rows] @ samples.T)


def _slack(samples: Samples, rows: slice) -> Samples:
    """More than the rounding error of a squared distance, for each of some rows."""
    norms = (samples**2).sum(axis=1)
    slack: Samples = 1e-12 * (norms[rows, np.newaxis] + norms.max())
    return slack


def _up(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values * (1.0 + 1e-12))
