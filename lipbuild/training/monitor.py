from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lipbuild.config.sections import EarlyStoppingSection
from lipbuild.errors import RefusedError

Rows = Sequence[Mapping[str, float]]


class Monitor:
    """Which epoch is the best by one column of the metrics, and whether more of them are worth it.

    Both are functions of the epochs that there have been, so that nothing has to be kept for a training that is
    resumed.

    Args:
        column: The column.
        stopping: When to stop early; never where left out.
    """

    def __init__(self, column: str, stopping: EarlyStoppingSection | None = None) -> None:
        self.column = column
        self._stopping = stopping
        self._sign = 1.0 if _is_cost(column) else -1.0

    def check(self, columns: Sequence[str]) -> None:
        """Make sure that there will be such a column.

        Raises:
            RefusedError: There will be none.
        """
        if self.column not in columns:
            raise RefusedError(
                f"`train.monitor` is `{self.column}`, and no metric has this name",
                f"there are {', '.join(columns)}",
            )

    def best(self, rows: Rows) -> int | None:
        """The first epoch, from 0, with the best value; None where none has a number."""
        costs = [self._cost(row) for row in rows]
        least = min(costs, default=math.inf)
        return costs.index(least) if math.isfinite(least) else None

    def is_over(self, rows: Rows) -> bool:
        """Whether `patience` epochs have passed without an improvement of `min_delta`."""
        if self._stopping is None:
            return False
        least, waited = math.inf, 0
        for row in rows[self._stopping.start_from_epoch :]:
            cost = self._cost(row)
            if cost < least - self._stopping.min_delta or (math.isinf(least) and math.isfinite(cost)):
                least, waited = cost, 0
            else:
                waited += 1
        return waited >= self._stopping.patience

    def _cost(self, row: Mapping[str, float]) -> float:
        cost = self._sign * row[self.column]
        return cost if math.isfinite(cost) else math.inf


def _is_cost(column: str) -> bool:
    """Whether less is better: losses and errors."""
    return "loss" in column or "error" in column
