from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Attacked:
    """What an attack found for each sample.

    Attributes:
        adversarial: (samples, *shape), float64, the nearest input found of another class; the input itself
            where none was found.
        labels: (samples,), the class that it has; −1 where none was found.
        distances: (samples,), its L2 distance, rounded up; infinite where none was found.
    """

    adversarial: NDArray[np.float64]
    labels: NDArray[np.int64]
    distances: NDArray[np.float64]

    @classmethod
    def none(cls, x: NDArray[np.float64]) -> Attacked:
        """Nothing found yet for these inputs."""
        return cls(x.copy(), np.full(len(x), -1, np.int64), np.full(len(x), np.inf))
