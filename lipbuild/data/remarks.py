"""What a training says of its data before it begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.dataset import Dataset
from lipbuild.data.part import Part

_VALUES = 8_000_000


def remarks(dataset: Dataset) -> tuple[str, ...]:
    """What makes the figures of a training mean less than they seem to, a line each.

    Equal samples are looked for where the samples are in memory.

    Args:
        dataset: The data.
    """
    held = [("validation", dataset.validation), ("test", dataset.test)]
    found: list[str] = []
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
    if dataset.train.in_memory:
        keys = _keys(dataset.train)
        for name, part in held:
            equal = _equal(part, dataset.train, keys) if part is not None else 0
            if equal:
                samples = "1 sample" if equal == 1 else f"{equal:,} samples"
                are = "is" if equal == 1 else "are"
                found.append(f"{samples} of the {name} part {are} in the training part")
    return tuple(found)


def _equal(part: Part, train: Part, keys: NDArray[np.uint64]) -> int:
    """How many samples of a part are samples of the training part."""
    own = _keys(part)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts, stops = (np.searchsorted(ordered, own, side=side) for side in ("left", "right"))
    count = 0
    # Equal keys are nearly always equal samples; a look at the values of a few makes sure.
    for candidate in np.flatnonzero(starts < stops):
        alike = order[starts[candidate] : min(stops[candidate], starts[candidate] + 8)]
        value = part.features.take(part.indices[[candidate]])
        others = train.features.take(train.indices[alike])
        count += bool((others == value).reshape(len(others), -1).all(axis=1).any())
    return count


def _keys(part: Part) -> NDArray[np.uint64]:
    """A number of 64 bits for each sample, the same for equal ones: Σ bits·odd multipliers, modulo 2⁶⁴."""
    size = int(np.prod(part.features.shape))
    multipliers = np.random.default_rng(0).integers(0, 2**63, size, np.uint64) * np.uint64(2) + np.uint64(1)
    rows = max(1, _VALUES // max(1, size))
    found: Sequence[NDArray[np.uint64]] = [
        # −0 counts as 0.
        (part.features.take(part.indices[start : start + rows]) + np.float32(0.0))
        .reshape(-1, size)
        .view(np.uint32)
        .astype(np.uint64)
        @ multipliers
        for start in range(0, len(part), rows)
    ]
    return np.concatenate(found)
