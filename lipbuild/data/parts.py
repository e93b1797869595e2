from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError

Indices = NDArray[np.int64]
# The parts, in the order of their numbers.
PARTS = ("training", "validation", "test")
# What is mixed into the training from a second source, whose samples are numbered after those of the first.
MIXED = "mixed"
# All of them, in the order of their numbers.
NUMBERED = (*PARTS, MIXED)
# What those that bring their parts along call them.
GIVEN_PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Parts:
    """Which samples of a data set are in which part, each in the order of the part.

    Attributes:
        train: What the network learns from.
        validation: What each epoch is measured on; None where none is kept apart.
        test: What is measured in the end.
        mixed: What is mixed into the training; None where nothing is.
    """

    train: Indices
    validation: Indices | None
    test: Indices
    mixed: Indices | None = None

    def named(self) -> Iterator[tuple[str, Indices]]:
        """The parts that there are, with their names."""
        for name, part in zip(NUMBERED, (self.train, self.validation, self.test, self.mixed)):
            if part is not None:
                yield name, part

    def checked(self, why: str = "", remedy: str = "") -> Parts:
        """The same parts, if each has samples.

        Args:
            why: What a message says besides.
            remedy: What to do.

        Raises:
            RefusedError: One has none.
        """
        for name, part in self.named():
            if not len(part):
                raise RefusedError(f"the {name} part of the data has no samples{why}", remedy)
        return self
