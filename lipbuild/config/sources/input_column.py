from dataclasses import dataclass
from typing import Any


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

    def as_json(self) -> dict[str, Any]:
        """What an export says of it: the keys that have a value."""
        return {key: value for key, value in vars(self).items() if value is not None}
