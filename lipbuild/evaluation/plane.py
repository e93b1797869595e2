from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.head import Head
from lipbuild.evaluation.judged import judge
from lipbuild.training.files import write_whole

Array = NDArray[np.float64]

# Points along each axis, and how far beyond the samples they reach.
_POINTS, _ROOM = 160, 0.25
# No more samples than can be told from each other.
_SAMPLES = 400


@dataclass(frozen=True)
class Plane:
    """What a classifier of two numbers says of each point of a part of the plane.

    Attributes:
        x: The first coordinates of the points.
        y: Their second coordinates.
        labels: (y, x), the class of each point.
        radii: (y, x), its certified radius; NaN where nothing is certified.
        samples: (samples, 2), some of the samples.
        sample_labels: (samples,), their true classes.
        sample_radii: (samples,), up to which radius each stays right; negative where it is wrong, and where nothing is
            certified.
        axes: (2,), what the two numbers are called.
    """

    x: Array
    y: Array
    labels: NDArray[np.int64]
    radii: Array
    samples: Array
    sample_labels: NDArray[np.int64]
    sample_radii: Array
    axes: NDArray[np.str_]

    def write(self, path: Path) -> None:
        """Write it as a NumPy archive."""

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **vars(self))

        write_whole(path, write)


def plane(
    logits_of: Callable[[NDArray[np.generic]], BoundedLogits],
    head: Head | None,
    x: NDArray[np.generic],
    targets: NDArray[np.generic],
    axes: tuple[str, str] = ("first number", "second number"),
) -> Plane:
    """Look at the part of the plane around some samples.

    Args:
        logits_of: The logits of a classifier of two numbers.
        head: What turns differences of its logits into distances; None where nothing may be certified.
        x: (samples, 2).
        targets: (samples,), their class numbers.
        axes: What the two numbers are called.
    """
    shown = x[:_SAMPLES].astype(np.float64)
    middle = (shown.min(axis=0) + shown.max(axis=0)) / 2.0
    half = (0.5 + _ROOM) * (shown.max(axis=0) - shown.min(axis=0)) + 1e-9
    across, up = (np.linspace(middle[i] - half[i], middle[i] + half[i], _POINTS) for i in (0, 1))
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    logits = logits_of(points)
    found = judge(logits, head, logits.labels)
    own = judge(logits_of(shown), head, targets[:_SAMPLES])
    square = (_POINTS, _POINTS)
    return Plane(
        across,
        up,
        logits.labels.reshape(square),
        (np.full(len(points), np.nan) if found.radii is None else found.radii).reshape(square),
        shown,
        own.targets,
        np.full(len(shown), -1.0) if own.reached is None else own.reached,
        np.array(axes),
    )
