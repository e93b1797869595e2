"""What each sample counts in the loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sections import DataSection
from lipbuild.data.labels import Targets
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError
from lipbuild.text.suggest import nearest


def sample_weights(
    raw: RawData, section: DataSection, targets: Targets, indices: NDArray[np.int64]
) -> NDArray[np.float32] | None:
    """The weight of a sample of the source times the weight of its class; None where all are 1.

    `balanced` gives each class the weight n/(k·n_c), n samples in k classes of which n_c in this one, so that all
    classes together count the same.

    Args:
        raw: The source's samples, with weights or without.
        section: The weights of the classes.
        targets: The class of each sample.
        indices: The samples of the training part, in which classes are counted.

    Raises:
        RefusedError: A weight is negative or no number, a class is unknown, or there are no classes.
    """
    weights = None if raw.weights is None else _checked(raw.weights, len(targets.values))[indices]
    if section.class_weights is None:
        return weights
    own = class_weights(section, targets, indices)[targets.values[indices].astype(np.int64)].astype(
        np.float32
    )
    return own if weights is None else own * weights


def class_weights(section: DataSection, targets: Targets, indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weight of each class, in the order of the classes; 1 where the config says nothing.

    Raises:
        RefusedError: A class is unknown, or there are no classes.
    """
    if not targets.class_names:
        raise RefusedError("`data.class_weights` is for classes, and this data has numbers to predict")
    classes = targets.values[indices].astype(np.int64)
    count = len(targets.class_names)
    of_class: NDArray[np.float64] = np.ones(count)
    if isinstance(section.class_weights, dict):
        for name, weight in section.class_weights.items():
            of_class[_number(name, targets.class_names)] = weight
    elif section.class_weights is not None:
        sizes = np.bincount(classes, minlength=count)
        of_class = np.asarray(len(classes) / (count * np.maximum(sizes, 1)))
    return of_class


def _checked(weights: NDArray[np.generic], samples: int) -> NDArray[np.float32]:
    if weights.shape != (samples,):
        raise RefusedError(
            f"there are {samples} samples, and the sample weights have the shape {weights.shape}"
        )
    if weights.dtype.kind not in "iufb":
        raise RefusedError(f"the sample weights are {weights.dtype}, and numbers are needed")
    with np.errstate(over="ignore"):
        values = weights.astype(np.float32)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0.0)))
    if len(wrong):
        raise RefusedError(
            f"the weight of sample {wrong[0]} is {values[wrong[0]]:g}: weights are numbers of at least 0"
        )
    return values


def _number(name: str, names: tuple[str, ...]) -> int:
    if name in names:
        return names.index(name)
    near = nearest(name, names)
    known = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    raise RefusedError(
        f"`data.class_weights` names the class `{name}`, and there is none of this name",
        f"there is one with a similar name: `{near}`" if near else f"the classes are {known}",
    )
