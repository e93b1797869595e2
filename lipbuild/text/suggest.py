"""The known name that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like this one, or None where none is like it.

    Upper and lower case, `_` and `-` count as alike. The measure is the edit distance with neighbouring
    letters exchanged counting once (Damerau), of which a third of the name's length is allowed; a name
    that is contained in the other is like it too, and one that contains this one as much as one with a
    letter wrong (`float16` is `mixed_float16` rather than `float32`).
    """
    return _nearest(name, tuple(known))


# Longer names are compared with none, which would take their lengths' product.
_LONGEST = 100


# What is tried by a sweep has the same mistakes again and again.
@lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    folded = _fold(name)
    if not folded:
        return None
    best: tuple[float, str] | None = None
    for candidate in known:
        other = _fold(candidate)
        limit = max(len(folded), len(other)) // 3
        distance: float = _distance(folded, other, limit)
        if len(folded) >= 4 and folded in other:
            distance = min(distance, 1 + (len(other) - len(folded)) / 100)
        elif distance > limit:
            if min(len(folded), len(other)) < 4 or (folded not in other and other not in folded):
                continue
            distance = limit + abs(len(folded) - len(other)) / 100
        if best is None or (distance, candidate) < best:
            best = (distance, candidate)
    return None if best is None else best[1]


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _distance(a: str, b: str, limit: int) -> int:
    """The edit distance of two names, or something above `limit` where it is above."""
    if abs(len(a) - len(b)) > limit or len(a) > _LONGEST:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit and min(previous) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]
