from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GivenColumn:
    """A column of a table as a request gives it.

    Attributes:
        categories: Its values, each of which is an input of 0 or 1; none for a number.
        fill: Its inputs where it is null, its indicator aside; None where null is refused.
        has_indicator: Whether an input follows that is 1 where it is null and otherwise 0.
    """

    categories: Sequence[str] = ()
    fill: Sequence[float] | None = None
    has_indicator: bool = False


def given_columns(inputs: Sequence[Mapping[str, Any]]) -> dict[str, GivenColumn]:
    """The columns by their names, in order.

    Args:
        inputs: What an export says of each number of a sample: see `InputColumn.as_json`.
    """
    own: dict[str, list[Mapping[str, Any]]] = {}
    for one in inputs:
        own.setdefault(str(one.get("indicates", one["name"])), []).append(one)
    return {name: _given(ones) for name, ones in own.items()}


def _given(inputs: Sequence[Mapping[str, Any]]) -> GivenColumn:
    values = [one for one in inputs if "indicates" not in one]
    fill = [float(one["fill"]) for one in values if "fill" in one]
    return GivenColumn(
        tuple(one["category"] for one in values if "category" in one),
        tuple(fill) if len(fill) == len(values) else None,
        len(values) < len(inputs),
    )
