"""Times of functions that take turns, so that whatever disturbs one disturbs the others as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import numpy as np

_TURN_SECONDS = 0.05
"""Long enough for the clock, and short enough for the next function to see the same noise."""

_MOST_CALLS = 50


@dataclass(frozen=True)
class Times:
    """What a function took, each number a round's mean in seconds.

    Attributes:
        seconds: One a round.
        first: The very first call, compilation included.
    """

    seconds: tuple[float, ...]
    first: float

    @property
    def typical(self) -> float:
        """The median, in seconds."""
        return median(self.seconds)

    def ratio_to(self, other: Times) -> tuple[float, float, float]:
        """The median of the ratios within rounds, and their lower and upper quartile."""
        ratios = [mine / its for mine, its in zip(self.seconds, other.seconds, strict=True)]
        low, middle, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        return middle, low, high


def interleaved(functions: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Times]:
    """Call the functions in turn, `rounds` times over.

    Args:
        functions: What to time, by name. Each returns something that NumPy can read, which ends the wait for it.
        rounds: How often each has its turn.
    """
    first = {name: _seconds(function, 1) for name, function in functions.items()}
    quickest = min(_seconds(function, 2) for function in functions.values())
    calls = max(1, min(_MOST_CALLS, round(_TURN_SECONDS / quickest)))
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            seconds[name].append(_seconds(function, calls))
    return {name: Times(tuple(seconds[name]), first[name]) for name in functions}


def _seconds(function: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        result = function()
    np.asarray(result)
    return (time.perf_counter() - start) / calls
