from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ColumnSlope:
    """How much the outputs change where one column changes alone, the others held fixed.

    Of a column of numbers it is the change for one unit; of one of text that from one of its values to another.

    Attributes:
        name: The column.
        unit: The unit that it is in; None where none is given.
        is_text: Whether it is one of text.
        least: For each output the least change that is possible, whatever the sample is: proved from the weights.
        greatest: For each output the greatest one.
        measured: For each output the largest size of a change that was found on samples.
    """

    name: str
    unit: str | None
    is_text: bool
    least: tuple[float, ...]
    greatest: tuple[float, ...]
    measured: tuple[float, ...]

    @property
    def moves_at_most(self) -> float:
        """The largest size of a change of any output."""
        return max(map(abs, (*self.least, *self.greatest)))

    @property
    def moved(self) -> float:
        """The largest that was measured."""
        return max(self.measured)

    @property
    def direction(self) -> str:
        """Whether all outputs are proved never to fall, or never to rise, as the column grows; empty where neither."""
        if self.is_text:
            return ""
        if min(self.least) >= 0.0:
            return "never falls"
        return "never rises" if max(self.greatest) <= 0.0 else ""

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        more = {"moves_at_most": self.moves_at_most, "moved": self.moved, "direction": self.direction or None}
        return asdict(self) | more
