"""What a training says of its data before it begins."""

from __future__ import annotations

import numpy as np

from lipbuild.data.dataset import Dataset


def remarks(dataset: Dataset) -> tuple[str, ...]:
    """What makes the figures of a training mean less than they seem to, a line each.

    Args:
        dataset: The data.
    """
    held = [("validation", dataset.validation), ("test", dataset.test)]
    found = list(dataset.notes)
    if dataset.class_names:
        count = len(dataset.class_names)
        learnt = np.bincount(dataset.train.targets.astype(np.int64), minlength=count)
        for number in np.flatnonzero(learnt == 0):
            more = [
                f"{n:,} in the {name} part"
                for name, part in held
                if part is not None and (n := int((part.targets == number).sum()))
            ]
            others = f", and there are {' and '.join(more)}" if more else ""
            found.append(
                f"the training part has no sample of the class `{dataset.class_names[number]}`{others}"
            )
    return tuple(found)
