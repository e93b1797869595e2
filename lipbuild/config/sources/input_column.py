from collections.abc import Sequence
from typing import Any

from lipbuild.frozen import dataclass


@dataclass(frozen=True)
class InputColumn:
    """One number of a sample.

    Attributes:
        name: The column of the table that it is from; of an indicator that name with `_missing`.
        unit: The unit that it is in; None where none is given.
        category: The text for which it is 1, and otherwise 0; None where it is the number in the column.
        fill: What it is where the cell is missing; None where a missing cell is refused.
        indicates: The column for which it is 1 where the cell is missing, and otherwise 0; None where it is no such
            indicator.
    """

    name: str
    unit: str | None = None
    category: str | None = None
    fill: float | None = None
    indicates: str | None = None

    @property
    def column(self) -> str:
        """The column of the table that it is from, and that a caller gives."""
        return self.indicates or self.name

    @property
    def shown(self) -> str:
        """Its name, with the category behind it."""
        return self.name if self.category is None else f"{self.name}={self.category}"

    @property
    def described(self) -> str:
        """The same, with its unit and what fills it."""
        unit = f" in {self.unit}" if self.unit is not None else ""
        return f"{self.shown}{unit}, {'not filled' if self.fill is None else f'filled by {self.fill}'}"

    def as_json(self) -> dict[str, Any]:
        """What an export says of it: the keys that have a value."""
        return {key: value for key, value in vars(self).items() if value is not None}


def told_apart(columns: Sequence[InputColumn], others: Sequence[InputColumn]) -> tuple[str, str]:
    """Two lists of columns that differ, each as a text by which they can be told apart.

    Args:
        columns: The one.
        others: The other.
    """
    names, other_names = (", ".join(one.shown for one in each) or "none" for each in (columns, others))
    if names != other_names:
        return names, other_names
    one, other = next(pair for pair in zip(columns, others) if pair[0] != pair[1])
    return one.described, other.described
