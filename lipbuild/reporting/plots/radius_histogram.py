from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def radius_histogram(radii: NDArray[np.float64], right: NDArray[np.bool_], unit: str) -> Figure:
    """How often each certified radius occurs, right and wrong predictions apart.

    Args:
        radii: (samples,), the certified radius of each prediction; those that are infinite are left out.
        right: (samples,), whether it is right.
        unit: What one unit of a radius is.
    """
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.add_subplot()
    finite = radii < np.finfo(np.float64).max
    parts = [radii[finite & right], radii[finite & ~right]]
    axes.hist(parts, bins=40, stacked=True, label=["right", "wrong"])
    axes.set_xlabel(f"certified L2 radius ({unit})")
    axes.set_ylabel("samples")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
