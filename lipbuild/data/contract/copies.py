"""Samples that stand several times in the data: all of them in one part."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sections import DataSection
from lipbuild.data.contract.identities import Digests
from lipbuild.data.parts import PARTS, Indices, Parts
from lipbuild.data.raw import RawData


def first_copies(values: Digests) -> Indices:
    """For each sample the number of the first one with the same values."""
    _, first, group = np.unique(values, return_index=True, return_inverse=True)
    return np.asarray(first[group.ravel()], np.int64)


def keep_together(parts: Parts, copies: Indices, given: Collection[str]) -> tuple[Parts, int]:
    """The same parts, in which no sample stands in two, and how many samples are in none for it.

    Between parts that were drawn, all copies of a sample go where its first one was drawn. A part that is given stays
    as it is, and what else has a copy in it is left out: the test's samples are no others', nor the validation's the
    training's.

    Args:
        parts: The parts.
        copies: For each sample the first one with the same values.
        given: The names of the parts that were not drawn.

    Raises:
        RefusedError: A part has no samples left.
    """
    before = np.full(len(copies), -1, np.int64)
    for name, part in parts.named():
        before[part] = PARTS.index(name)
    taken = np.where(np.isin(before, [PARTS.index(name) for name in given]), before, -1)
    owner = np.full(len(copies), -1, np.int64)
    np.maximum.at(owner, copies, taken)
    owner = owner[copies]
    # A first copy that is in no part says nothing of where the others go.
    first = np.where(before[copies] >= 0, before[copies], before)
    after = np.where(owner >= 0, np.where(before == owner, owner, -1), np.where(before >= 0, first, -1))
    if np.array_equal(before, after):
        return parts, 0

    found = {}
    for number, name in enumerate(PARTS):
        own = dict(parts.named()).get(name)
        if own is not None:
            # What stays keeps its place, and what comes follows it.
            come = np.flatnonzero((after == number) & (before != number))
            found[name] = np.concatenate([own[after[own] == number], come])
    settled = Parts(found["training"], found.get("validation"), found["test"])
    left_out = int(((before >= 0) & (after < 0)).sum())
    remedy = "remove duplicate rows, or change the shares `data.test` and `data.validation`"
    return settled.checked(": each is equal to a sample of another part", remedy), left_out


def unknown_to(values: Digests, first: Digests, parts: Parts) -> NDArray[np.bool_]:
    """Which samples of a second source are not equal to one that the first one holds out.

    Args:
        values: The digests of their values.
        first: Those of the first source's.
        parts: The parts of the first source.
    """
    held = [part for name, part in parts.named() if name != PARTS[0]]
    return ~np.isin(values, first[np.concatenate(held)])


def given_parts(raw: RawData, section: DataSection) -> tuple[str, ...]:
    """The parts to which no copy may be moved: what a source keeps apart, and what was drawn by groups or by time."""
    given = {"validation": raw.validation, "test": raw.test}
    return tuple(name for name, count in given.items() if count is not None or section.split is not None)
