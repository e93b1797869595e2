"""What can be asked of every format, however its files are made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.runtimes.runtime import Outputs, Predict

if TYPE_CHECKING:
    from lipbuild.exporting.exported import Exported
    from lipbuild.exporting.exporter import Exporter


class Kind(ABC):
    """One kind of file.

    Attributes:
        name: Its name in a config.
        suffix: The ending of its file; empty for a folder.
        runtime: What runs it, in words.
        rounds: Whether it keeps numbers in fewer bits than the model.
        batch: How many samples its files take at a time; None where they take any number.
    """

    name: str
    suffix: str
    runtime: str
    rounds: bool = False
    batch: int | None = None

    @abstractmethod
    def export(self, exporter: Exporter, path: Path) -> Exported:
        """Write a network past the gate.

        Raises:
            RefusedError: It did not pass.
            UnusableError: It cannot be written, or a package is not installed.
        """

    @abstractmethod
    def metadata(self, path: Path) -> dict[str, Any]:
        """What a file says of itself."""

    @abstractmethod
    def load(self, path: Path) -> Predict:
        """The file in its own runtime: samples, any number of them, to outputs by their names."""

    def other_kernels(self, path: Path) -> dict[str, Predict]:
        """The same file as its runtime computes it where it is set otherwise, each by what it is in words."""
        del path
        return {}

    def is_at(self, path: Path) -> bool:
        """Whether an export of this kind is a folder, and lies at a path."""
        del path
        return False

    def predict(self, path: Path, inputs: NDArray[np.float32]) -> Outputs:
        """Load the file and run it once."""
        return self.load(path)(inputs)

    @abstractmethod
    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """Every constant array in the file, as the file has it; numbers of few bits as what they stand for."""
