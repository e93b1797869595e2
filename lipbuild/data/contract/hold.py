"""Data of today, held against the contract of a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.contract.contract import Contract
from lipbuild.data.contract.identities import Digests
from lipbuild.data.parts import MIXED, NUMBERED, Indices, Parts
from lipbuild.errors import RefusedError

_SHOWN = 3


@dataclass(frozen=True)
class Found:
    """What has become of the samples of a contract.

    Attributes:
        parts: Where each sample is that the contract knows, in the order of the training.
        new: The numbers of samples that it does not know.
        changed: The numbers of samples that are others than those that it knows by the same name or number.
        gone: Its numbers of samples that are not there any more.
    """

    parts: Parts
    new: Indices
    changed: Indices
    gone: Indices


def find(contract: Contract, samples: Digests, name_of: Callable[[int], str]) -> Found:
    """Look for the samples of a contract, whatever their order.

    Args:
        contract: The contract.
        samples: The digests of the samples that there are.
        name_of: What each of them is called.
    """
    records, count = contract.records, len(samples)
    known = np.ascontiguousarray(records["sample"])
    order = np.argsort(samples, kind="stable")
    ordered = samples[order]
    # The n-th of equal samples is the n-th of the equal ones in the contract.
    copy = np.arange(count) - np.searchsorted(ordered, ordered)
    at = np.searchsorted(known, ordered) + copy
    there = at < len(known)
    there[there] = known[at[there]] == ordered[there]
    where: Indices = np.full(count, -1, np.int64)
    where[order[there]] = at[there]
    missing = np.setdiff1d(np.arange(len(records)), where)
    new, gone = np.flatnonzero(where < 0), np.sort(records["number"][missing].astype(np.int64))
    by_name = {contract.name_of(int(number)): int(number) for number in gone}
    same = [(int(number), by_name.get(name_of(int(number)))) for number in new]
    changed = [number for number, other in same if other is not None]
    others = {other for _, other in same if other is not None}
    return Found(
        _parts(contract, where),
        np.array([number for number, other in same if other is None], np.int64),
        np.array(changed, np.int64),
        np.array([number for number in gone.tolist() if number not in others], np.int64),
    )


def _parts(contract: Contract, where: Indices) -> Parts:
    there = np.flatnonzero(where >= 0)
    records = contract.records[where[there]]
    found: dict[str, NDArray[np.int64]] = {}
    for number, name in enumerate(NUMBERED):
        own = records["part"] == number
        if name in contract.statement["parts"]:
            found[name] = there[own][np.argsort(records["place"][own], kind="stable")]
    return Parts(found["training"], found.get("validation"), found["test"], found.get(MIXED))


def check(found: Found, contract: Contract, name_of: Callable[[int], str], *, known_only: bool) -> str:
    """Refuse data in which samples are new, gone or changed, unless only the known ones are wanted.

    Args:
        found: What was found.
        contract: The contract.
        name_of: What each sample of the data is called.
        known_only: Whether what is new or changed is left out, and what is gone is done without.

    Returns:
        What was left out, in words; empty where nothing is.

    Raises:
        RefusedError: The samples are others; the message counts and names them. Or a part has none left.
    """
    said = [
        f"{len(numbers):,} {word} ({_some(numbers, name)})"
        for word, numbers, name in (
            ("new", found.new, name_of),
            ("changed", found.changed, name_of),
            ("gone", found.gone, contract.name_of),
        )
        if len(numbers)
    ]
    if not said:
        return ""
    words = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    if not known_only:
        raise RefusedError(
            f"the data is not that of the training: of its samples {words}",
            "give the data of the training, or measure on the samples that are known by `--known-only`",
        )
    found.parts.checked(f" that the training knows: of all samples {words}")
    return f"of the samples {words}; new and changed ones are left out"


def _some(numbers: Indices, name_of: Callable[[int], str]) -> str:
    shown = ", ".join(name_of(int(number)) for number in numbers[:_SHOWN])
    return f"{shown}, …" if len(numbers) > _SHOWN else shown
