from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class TrainingState:
    """How far a training has come, apart from its weights.

    Attributes:
        epoch: The epoch that goes on, from 0.
        step: How many of its steps have been taken.
        measuring: Whether all of them have, and the kernels been settled, so that only measuring is left of it.
        rows: The metrics of each epoch that has ended, `val_` before those of the watched part.
    """

    epoch: int = 0
    step: int = 0
    measuring: bool = False
    rows: list[dict[str, float]] = field(default_factory=list)

    def end_epoch(self, row: dict[str, float]) -> None:
        """Go on to the next epoch."""
        self.rows.append(row)
        self.epoch += 1
        self.step = 0
        self.measuring = False

    def describe(self) -> str:
        """Where it stands, in words for a message."""
        if self.measuring:
            return f"the measuring of epoch {self.epoch + 1}"
        if self.step:
            return f"epoch {self.epoch + 1}, step {self.step}"
        return f"the end of epoch {self.epoch}"
