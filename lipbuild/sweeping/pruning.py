from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lipbuild.errors import LipbuildError
from lipbuild.training.listeners.listener import Listener

if TYPE_CHECKING:
    from optuna import Trial


class PrunedError(LipbuildError):
    """A trial is worse than others were at the same epoch, and is given up."""


class Pruning(Listener):
    """Tells a trial the metric that shows its objective after each epoch, and ends a training that is given up.

    Args:
        trial: The trial.
        column: The metric.
    """

    def __init__(self, trial: Trial, column: str) -> None:
        self._trial = trial
        self._column = column

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Report an epoch.

        Raises:
            PrunedError: The training is given up.
        """
        self._trial.report(row[self._column], int(row["epoch"]))
        if self._trial.should_prune():
            raise PrunedError(f"the sweep gave it up after epoch {int(row['epoch'])}")
