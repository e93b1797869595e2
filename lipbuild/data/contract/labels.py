from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Task
from lipbuild.data.contract.identities import label_bytes
from lipbuild.data.labels import Targets, read_targets


def targets_by_name(
    labels: NDArray[np.generic],
    task: Task,
    units: int,
    names: tuple[str, ...] | None,
    classes: tuple[str, ...],
) -> tuple[Targets, list[bytes]]:
    """Labels by the codes that a training gave to their names, and what stands for each in a digest.

    Args:
        labels: Class numbers, class names, one-hot rows, or numbers to predict.
        task: What the loss learns.
        units: The number of the network's outputs.
        names: The names of the classes where the source knows them.
        classes: The names in the order of their codes; a label of another name has the code −1.

    Raises:
        RefusedError: Numbers to predict are not what the network predicts.
    """
    if task == "regression":
        targets = read_targets(labels, task, units, names)
        return targets, label_bytes(targets)
    found = _names(labels, names if names is not None and set(names) & set(classes) else None)
    codes = {name: code for code, name in enumerate(classes)}
    present, which = np.unique(found, return_inverse=True)
    code = np.array([codes.get(str(name), -1) for name in present], np.int64)
    encoded = [str(name).encode() for name in present]
    return Targets(code[which.ravel()], classes), [encoded[i] for i in which.ravel().tolist()]


def _names(labels: NDArray[np.generic], names: tuple[str, ...] | None) -> NDArray[np.generic]:
    """The name of each label; of a number the number itself where no names are known."""
    if labels.ndim == 2:
        labels = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0]
    if labels.dtype.kind in "USO":
        return labels.astype(str)
    numbers, which = np.unique(labels.astype(np.float64), return_inverse=True)
    known = [
        names[int(number)]
        if names is not None and number == np.rint(number) and 0 <= number < len(names)
        else str(int(number))
        if np.isfinite(number) and number == np.rint(number)
        else f"{number:g}"
        for number in numbers
    ]
    return np.array(known)[which.ravel()]
