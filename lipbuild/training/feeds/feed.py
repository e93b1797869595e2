from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Feed(ABC):
    """Gives one batch after the other to a graph."""

    @abstractmethod
    def start(self, epoch: int, step: int = 0) -> None:
        """Be at a step of an epoch, both from 0. An epoch that follows the last one to its end may be started too."""

    @abstractmethod
    def take(self) -> tuple[Any, ...]:
        """The next batch, in a graph: (x, y) or (x, y, weights).

        In a training over several replicas also the place of the process's slice in its batch and the number of
        samples of the whole batch.
        """
