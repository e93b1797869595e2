from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

# A step of reading a batch, as a TensorFlow function of one tensor (or of a tuple of them).
Stage = Callable[[Any], Any]


class Features(ABC):
    """The inputs of a data set, whether they are in memory or read as they are needed.

    Samples are numbered from 0. However they are kept, they are given as float32.

    Attributes:
        in_memory: Whether they are there already.
    """

    in_memory: ClassVar[bool]

    @property
    def always_finite(self) -> bool:
        """Whether NaN and infinity cannot be among the values: whole numbers of few bits, or numbers looked at."""
        return False

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""

    @abstractmethod
    def __len__(self) -> int:
        """The number of samples."""

    @abstractmethod
    def take(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some samples, (indices, *shape).

        Raises:
            UnusableError: A file is missing or cannot be read.
            RefusedError: A sample is not what the source said.
        """

    @abstractmethod
    def stages(self) -> Sequence[Stage]:
        """The steps from a batch of sample numbers (int64) to the batch, (numbers, *shape) in float32.

        Each is mapped over the batches by itself and in parallel, so that reading, decoding and the training
        overlap. `take` of the same numbers gives the same values to the last bit.
        """

    @abstractmethod
    def with_channel(self) -> Features:
        """The same samples with a last axis of size 1."""
