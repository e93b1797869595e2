"""Labels: what a source has, as class numbers or numbers to predict, and as a loss wants them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Labels, Task
from lipbuild.errors import RefusedError

# From here on float64 has no place for each whole number.
_LARGEST = 2.0**53


@dataclass(frozen=True)
class Targets:
    """Labels in one form.

    Attributes:
        values: Class numbers (int64, one a sample) or numbers to predict (float32, samples × outputs).
        class_names: The names of the classes in the order of their numbers; empty for regression.
    """

    values: NDArray[np.generic]
    class_names: tuple[str, ...]


def read_targets(
    labels: NDArray[np.generic], task: Task, units: int, names: tuple[str, ...] | None
) -> Targets:
    """Labels of any form as class numbers or numbers.

    Args:
        labels: Class numbers, class names, one-hot rows (or ±1 for a binary task), or numbers.
        task: What the loss learns.
        units: The number of the network's outputs.
        names: The names of the classes where the source knows them.

    Raises:
        RefusedError: They do not fit the task or the number of outputs.
    """
    if task == "regression":
        return Targets(_numbers(labels, units), ())
    classes = 2 if task == "binary" else units
    values = labels.reshape(len(labels)) if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if values.ndim == 2:
        values = _from_onehot(values, classes)
    if values.ndim != 1:
        raise RefusedError(
            f"labels are one a sample or one-hot rows, and these have the shape {labels.shape}"
        )
    if values.dtype.kind in "USO":
        return _from_names(values, classes)
    return _from_numbers(values, classes, names)


def encode(targets: Targets, labels: Labels, classes: int) -> NDArray[np.generic]:
    """Targets as a loss wants them.

    Args:
        targets: The class numbers, or numbers.
        labels: `onehot` rows, `index` numbers, `zero_one`, `sign` (±1) or `value`s.
        classes: The number of classes, for one-hot rows.
    """
    values = targets.values
    if labels == "value":
        return values
    if labels == "index":
        return values.astype(np.int64)
    if labels == "onehot":
        return np.eye(classes, dtype=np.float32)[values.astype(np.int64)]
    positive = values.astype(np.float32)[:, np.newaxis]
    return positive if labels == "zero_one" else 2.0 * positive - 1.0


def _numbers(labels: NDArray[np.generic], units: int) -> NDArray[np.float32]:
    if labels.dtype.kind not in "iufb":
        raise RefusedError("the labels are text, and a loss for regression takes numbers")
    with np.errstate(over="ignore"):
        values = labels.reshape(len(labels), -1).astype(np.float32)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise RefusedError(f"the label of sample {row} is not a finite number")
    if values.shape[1] != units:
        raise RefusedError(
            f"each sample has {values.shape[1]} numbers to predict, and the network has {units} outputs",
            f"end the network in `SpectralDense: {{units: {values.shape[1]}}}`",
        )
    return values


def _from_onehot(labels: NDArray[np.generic], classes: int) -> NDArray[np.int64]:
    if labels.dtype.kind not in "iufb" or not (
        np.isin(labels, (0, 1)).all() and (labels.astype(np.float64).sum(axis=1) == 1).all()
    ):
        raise RefusedError(
            "labels with several columns are one-hot rows (one 1, otherwise 0), and these are not"
        )
    if labels.shape[1] != classes:
        raise RefusedError(_misfit(labels.shape[1], classes))
    found: NDArray[np.int64] = labels.argmax(axis=1)
    return found


def _from_names(labels: NDArray[np.generic], classes: int) -> Targets:
    names, values = np.unique(labels.astype(str), return_inverse=True)
    if len(names) != classes:
        raise RefusedError(_misfit(len(names), classes))
    return Targets(values.astype(np.int64), tuple(str(name) for name in names))


def _from_numbers(labels: NDArray[np.generic], classes: int, names: tuple[str, ...] | None) -> Targets:
    numbers = labels.astype(np.float64)
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise RefusedError(f"the label of sample {row} is not a finite number")
    if (np.abs(numbers) >= _LARGEST).any():
        row = int(np.flatnonzero(np.abs(numbers) >= _LARGEST)[0])
        raise RefusedError(
            f"the label of sample {row} is {labels[row]}, and whole numbers from 2⁵³ on cannot be told from their "
            "neighbours",
            "number the classes from 0, or write names",
        )
    whole = np.rint(numbers)
    if not np.array_equal(whole, numbers):
        row = int(np.flatnonzero(whole != numbers)[0])
        raise RefusedError(
            f"the label of sample {row} is {numbers[row]:g}, and classes are whole numbers",
            "use a loss for regression, such as `MeanSquaredError`, if these are numbers to predict",
        )
    present = np.unique(whole).astype(np.int64)
    if present[0] >= 0 and present[-1] < classes:
        values = whole.astype(np.int64)
        given = names if names is not None and len(names) == classes else None
        return Targets(values, given or tuple(str(number) for number in range(classes)))
    if len(present) == classes:
        # Classes counted from 1, or ±1, or any other numbers: in their order.
        return Targets(np.searchsorted(present, whole), tuple(str(number) for number in present))
    raise RefusedError(_misfit(len(present), classes, f" (from {present[0]} to {present[-1]})"))


def _misfit(found: int, classes: int, more: str = "") -> str:
    return f"the labels have {found} classes{more}, and the loss and the outputs are for {classes}"
