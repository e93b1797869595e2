from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lipbuild.evaluation.sample_attack import SampleAttack

_COLUMNS = 8


def adversarial_gallery(
    attack: SampleAttack, labels: NDArray[np.int64], names: Sequence[str], radii: NDArray[np.float64] | None
) -> Figure | None:
    """The images that the smallest perturbations give another class: the image, the perturbation, the result.

    Args:
        attack: The attack; its inputs are (height, width, 1 or 3).
        labels: (attacked,), the classes of the images.
        names: The names of the classes.
        radii: (attacked,), their certified radii.

    Returns:
        The figure; None where the inputs are no images, or nothing was found.
    """
    shape = attack.x.shape[1:]
    found = np.flatnonzero(np.isfinite(attack.found.distances))
    if len(shape) != 3 or shape[2] not in {1, 3} or not len(found):
        return None
    nearest = found[np.argsort(attack.found.distances[found])][:_COLUMNS]
    figure = Figure(figsize=(1.3 * len(nearest), 4.6), layout="constrained")
    grid = figure.subplots(3, len(nearest), squeeze=False)
    low, high = float(attack.x.min()), float(attack.x.max())
    for column, i in enumerate(nearest):
        image, result = attack.x[i], attack.found.adversarial[i]
        change = result - image
        largest = float(np.abs(change).max()) or 1.0
        shown = [
            (_scaled(image, low, high), {"cmap": "gray", "vmin": 0.0, "vmax": 1.0}),
            (
                change[..., 0] if shape[2] == 1 else _scaled(change, -largest, largest),
                {"cmap": "RdBu", "vmin": -largest, "vmax": largest},
            ),
            (_scaled(result, low, high), {"cmap": "gray", "vmin": 0.0, "vmax": 1.0}),
        ]
        for axes, (pixels, options) in zip(grid[:, column], shown, strict=True):
            axes.imshow(pixels, **options)
            axes.set_xticks([])
            axes.set_yticks([])
        certified = "" if radii is None else f"\ncertified {radii[i]:.3g}"
        grid[0, column].set_title(names[labels[i]], fontsize=9)
        grid[1, column].set_title(f"at {attack.found.distances[i]:.3g}{certified}", fontsize=8)
        grid[2, column].set_title(names[attack.found.labels[i]], fontsize=9)
    return figure


def _scaled(image: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """An image in [0, 1], a single channel without its axis."""
    scaled = np.clip((image - low) / ((high - low) or 1.0), 0.0, 1.0)
    return scaled[..., 0] if image.shape[-1] == 1 else scaled
