from __future__ import annotations

import numpy as np

from lipbuild.evaluation.attack.objective import Array, Labels, Objective
from lipbuild.evaluation.attack.rows import broadcast

# How far beyond a point that does not count yet one that does is looked for.
_FURTHER = (1.0, 1.0 + 1e-6, 1.0 + 1e-4, 1.01, 1.1)


def bisect(
    objective: Objective,
    x: Array,
    found: Array,
    source: Labels,
    target: Labels,
    *,
    tolerance: Array | float = 0.0,
    steps: int = 50,
) -> tuple[Array, np.ndarray]:
    """The point nearest to x on the segment to what was found that still has the target class.

    Args:
        objective: g, positive while the class is kept.
        x: (rows, *shape), the inputs.
        found: (rows, *shape), points of the target class, or just short of it.
        source: (rows,), the classes of the inputs.
        target: (rows,), those of what was found.
        tolerance: What −g must exceed to count, (rows,) or a number.
        steps: How often the segment is halved.

    Returns:
        (rows, *shape), the points; (rows,), whether they count.
    """
    tolerance = np.broadcast_to(np.asarray(tolerance, np.float64), (len(x),))
    direction = found - x
    high = np.full(len(x), np.nan)
    for further in _FURTHER:
        open_ = np.flatnonzero(np.isnan(high))
        if not len(open_):
            break
        value = objective.value(x[open_] + further * direction[open_], source[open_], target[open_])
        high[open_[value < -tolerance[open_]]] = further
    counts = ~np.isnan(high)
    rows = np.flatnonzero(counts)
    low, high = np.zeros(len(rows)), high[rows]
    for _ in range(steps):
        middle = 0.5 * (low + high)
        value = objective.value(x[rows] + broadcast(middle, x) * direction[rows], source[rows], target[rows])
        across = value < -tolerance[rows]
        high, low = np.where(across, middle, high), np.where(across, low, middle)
    point = found.copy()
    point[rows] = x[rows] + broadcast(high, x) * direction[rows]
    return point, counts
