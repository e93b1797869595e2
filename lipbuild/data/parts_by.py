"""What parts are drawn by: from texts to groups or times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.split import SplitSection
from lipbuild.errors import RefusedError

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def read_parts_by(
    split: SplitSection, texts: Sequence[str], place: Callable[[int], str]
) -> NDArray[np.generic]:
    """The group of each sample as a number, in the order of the groups' names, or its time as a number.

    Args:
        split: What the config says.
        texts: What it names, for each sample.
        place: Where the value of a sample stands, such as a file and its line.

    Raises:
        RefusedError: A group is left out, or a time cannot be read; the message names its place.
    """
    if split.key == "time":
        return _times(split.name, texts, place)
    missing = next((row for row, text in enumerate(texts) if not text), None)
    if missing is not None:
        raise RefusedError(
            f"{place(missing)}: the group `{split.name}` is nothing",
            "give each sample a group; one that belongs to no other is a group by itself",
        )
    numbers = {name: number for number, name in enumerate(sorted(set(texts)))}
    return np.fromiter((numbers[text] for text in texts), np.int64, len(texts))


def array_texts(array: NDArray[np.generic]) -> list[str]:
    """The values of an array as texts that can be read as groups or times."""
    if array.dtype.kind == "M":
        array = array.astype("datetime64[us]")
    if array.dtype.kind == "S":
        return [value.decode("utf-8", "replace").strip() for value in array.tolist()]
    return [str(value).strip() for value in array.astype(str).tolist()]


def _times(name: str, texts: Sequence[str], place: Callable[[int], str]) -> NDArray[np.generic]:
    values: list[int | float] = []
    first = ""
    known: dict[str, tuple[int | float | None, str]] = {}
    for row, text in enumerate(texts):
        if text not in known:
            known[text] = _time(text)
        value, kind = known[text]
        first = first or kind
        if value is None:
            raise RefusedError(
                f"{place(row)}: the time `{name}` is {f'`{text}`' if text else 'nothing'}, and it is an ISO date "
                "(`2024-05-31`, `2024-05-31T12:30:00Z`) or a number",
                "write the dates as year-month-day",
            )
        if kind != first:
            raise RefusedError(f"{place(row)}: the time `{name}` is {kind}, and those above it are {first}")
        values.append(value)
    if all(isinstance(value, int) for value in values):
        return np.array(values, np.int64)
    return np.array(values, np.float64)


def _time(text: str) -> tuple[int | float | None, str]:
    """A time as a number, and what it is."""
    if _INTEGER.fullmatch(text) and abs(int(text)) < 2**63:
        return int(text), "a number"
    if _NUMBER.fullmatch(text):
        number = float(text)
        return (number if np.isfinite(number) else None), "a number"
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None, ""
    zone = "without" if when.tzinfo is None else "with"
    since = when - (_EPOCH.replace(tzinfo=None) if when.tzinfo is None else _EPOCH)
    return (
        since.days * 86_400 + since.seconds
    ) * 1_000_000 + since.microseconds, f"a date {zone} a time zone"
