from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ColumnConstant:
    """The constant of a network with respect to one column, the others held fixed.

    Attributes:
        name: The column.
        unit: The unit that it is in; None where none is given.
        is_text: Whether it is one of text.
        moves_at_most: How far the outputs move (L2) where the column moves by one unit, or where a column of text goes
            from one of its values to another.
    """

    name: str
    unit: str | None
    is_text: bool
    moves_at_most: float

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return asdict(self)
