from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Task
from lipbuild.data.labels import Targets, read_targets


def guess_targets(
    labels: NDArray[np.generic], task: Task | None, names: tuple[str, ...] | None, classes: int | None
) -> Targets:
    """Labels as class numbers or numbers to predict, where no network says how many outputs there are.

    Args:
        labels: Class numbers, class names, one-hot rows, or numbers.
        task: What the loss learns, where there is a loss; else numbers that are not whole are to be predicted.
        names: The names of the classes where the source knows them.
        classes: How many there are where the source knows it.

    Raises:
        RefusedError: They can be read as neither.
    """
    flat = labels.reshape(len(labels), -1)
    if task == "regression" or (task is None and not _are_classes(flat)):
        return read_targets(labels, "regression", flat.shape[1], None)
    if flat.shape[1] > 1:
        count = flat.shape[1]
    else:
        present = np.unique(flat.astype(str) if flat.dtype.kind in "USO" else flat.astype(np.float64))
        count = len(present)
        if present.dtype.kind == "f" and present[0] >= 0 and present[-1] < 2 * count:
            # Numbered from 0, or from 1, with a class or two that do not appear.
            count = max(count, int(present[-1]) + 1) if present[0] == 0 else count
    return read_targets(labels, "multiclass", classes or max(count, 1), names)


def _are_classes(flat: NDArray[np.generic]) -> bool:
    if flat.dtype.kind not in "f":
        return True
    finite = flat[np.isfinite(flat)]
    return bool((finite == np.rint(finite)).all())
