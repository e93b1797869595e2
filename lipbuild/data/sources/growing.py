from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Growing:
    """An array that grows by rows, and is never copied whole.

    Args:
        width: The length of a row.
        dtype: Its type.
    """

    def __init__(self, width: int, dtype: type) -> None:
        self._values: NDArray[np.floating] = np.empty((0, width), dtype)
        self._rows = 0

    def add(self, rows: NDArray[np.floating], parts: float) -> None:
        """Add rows.

        Args:
            rows: (rows, width).
            parts: About how many times so many rows there will be in all.
        """
        end = self._rows + len(rows)
        width = self._values.shape[1]
        if not self._rows:
            # Memory that is not written to costs nothing.
            self._values = np.empty((max(end, int(1.1 * parts * end)), width), self._values.dtype)
        elif end > len(self._values):
            self._values.resize((end + len(self._values) // 4, width), refcheck=False)
        # What is beyond the type becomes infinite, which is looked for.
        with np.errstate(over="ignore"):
            self._values[self._rows : end] = rows
        self._rows = end

    def array(self) -> NDArray[np.floating]:
        """The rows."""
        self._values.resize((self._rows, self._values.shape[1]), refcheck=False)
        return self._values
