from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]


def accuracy_curves(
    curves: Sequence[tuple[str, Array]], unit: str, radii: Sequence[float] = (), largest: float | None = None
) -> Figure:
    """Accuracy against radius, a step for each sample.

    Args:
        curves: A name, and for each sample the radius up to which it stays right; negative where it is wrong.
        unit: What one unit of a radius is.
        radii: Radii to mark.
        largest: Where the axis ends; a little beyond the largest finite radius where left out.
    """
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    for name, reached in curves:
        finite = np.sort(reached[(reached >= 0.0) & np.isfinite(reached)])
        share = (np.sum(reached >= 0.0) - np.arange(len(finite) + 1)) / max(len(reached), 1)
        axes.step(np.concatenate([[0.0], finite]), share, where="post", label=name)
        ends.append(float(finite[-1]) if len(finite) else 0.0)
    for radius in radii:
        axes.axvline(radius, color="0.8", linewidth=0.8, zorder=0)
    axes.set_xlim(0.0, largest or 1.02 * max(ends) or 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_xlabel(f"L2 radius ({unit})")
    axes.set_ylabel("accuracy")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
