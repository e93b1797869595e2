from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# All choices of so few groups are compared; of more a search finds one, which is begun anew a few times.
_ALL_CHOICES = 12
_STARTS = 8
_STEPS = 2000
# So many groups are tried at a time, of more so many drawn.
_TRIED = 2000
_SWAPPED = 100


def nearest_groups(counts: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Groups that hold nearly a share of the samples of each class: Σ_c |n_c(chosen) − share·n_c| is small.

    At least one group is chosen, and at least one is not. The least sum is found where there are at most 12 groups;
    with more, no group more or less and no exchange that was tried lessens what is found.

    Args:
        counts: How many samples of each class each group has, (groups, classes); a single column where classes do not
            matter. At least two groups.
        share: The share asked for.
        rng: What decides between choices that are as good.

    Returns:
        Whether each group is chosen, (groups,).
    """
    groups = len(counts)
    target = share * counts.sum(axis=0)
    if groups <= _ALL_CHOICES:
        choices = (np.arange(1, 2**groups - 1)[:, np.newaxis] >> np.arange(groups)) & 1
        off = np.abs(choices @ counts - target).sum(axis=1)
        nearest = np.flatnonzero(off <= off.min() + 1e-9 * counts.sum())
        return np.asarray(choices[rng.choice(nearest)], np.bool_)
    found = [_search(counts, target, share, rng) for _ in range(_STARTS if groups <= _TRIED else 1)]
    return min(found, key=lambda chosen: float(np.abs(counts[chosen].sum(axis=0) - target).sum()))


def _search(
    counts: NDArray[np.int64], target: NDArray[np.float64], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Begin with groups in a random order, and change one or exchange two as long as that helps."""
    groups = len(counts)
    order = rng.permutation(groups)
    sizes = counts.sum(axis=1)[order].cumsum()
    chosen: NDArray[np.bool_] = np.zeros(groups, np.bool_)
    chosen[order[: max(1, int(np.searchsorted(sizes, share * sizes[-1])))]] = True
    for _ in range(_STEPS):
        short = target - counts[chosen].sum(axis=0)
        off = float(np.abs(short).sum()) - 1e-9 * float(sizes[-1])
        tried = _some(np.arange(groups), _TRIED, rng)
        change = np.where(chosen[tried], -1, 1)[:, np.newaxis] * counts[tried]
        after = np.abs(short - change).sum(axis=1)
        if chosen.sum() == 1:
            after[chosen[tried]] = np.inf
        if chosen.sum() == groups - 1:
            after[~chosen[tried]] = np.inf
        if after.min() < off:
            chosen[tried[after.argmin()]] ^= True
            continue
        leaving = _some(np.flatnonzero(chosen), _SWAPPED, rng)
        coming = _some(np.flatnonzero(~chosen), _SWAPPED, rng)
        exchanged = np.abs(short - counts[coming] + counts[leaving][:, np.newaxis]).sum(axis=2)
        if exchanged.min() >= off:
            break
        one, other = np.unravel_index(exchanged.argmin(), exchanged.shape)
        chosen[leaving[one]], chosen[coming[other]] = False, True
    return chosen


def _some(numbers: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return numbers if len(numbers) <= most else rng.choice(numbers, most, replace=False)
