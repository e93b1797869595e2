from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.building.rotation import Array, rotated

# A kernel that is rounded anew is made this much smaller, so that its norm does not grow.
_LESS = 1.0 - 2.0**-23
# What a division and a rotation in float64 may lose, many times over.
_MORE = 1.0 + 2.0**-40


@dataclass(frozen=True)
class Fold:
    """What is multiplied into the kernel of one linear layer.

    Attributes:
        scale: A factor of what the layer reads.
        inputs: How many channels it reads whose pairs are rotated; 0 where none are.
        outputs: Whether the pairs of its outputs are rotated.
    """

    scale: float = 1.0
    inputs: int = 0
    outputs: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether nothing is rounded: the factor is a power of two, and nothing rotated."""
        return not self.inputs and not self.outputs and math.frexp(abs(self.scale))[0] == 0.5

    def kernel(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """The kernel of the folded layer, (…, inputs, outputs), from that of the layer."""
        changed = self._turned(np.asarray(values, np.float64) * self.scale)
        return np.asarray(changed if self.is_exact else changed * _LESS, np.float32)

    def bias(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """The bias of the folded layer."""
        exact = np.asarray(values, np.float64)
        return np.asarray(rotated(exact, -1) if self.outputs else exact, np.float32)

    def unfolded(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """A kernel of the layer whose folded form is no smaller than a given one; the same bits where it can be."""
        exact = self._turned(np.asarray(values, np.float64)) / self.scale
        if self.is_exact:
            return np.asarray(exact, values.dtype if values.dtype == np.float32 else np.float64)
        return np.asarray(exact * _MORE)

    def _turned(self, kernel: Array) -> Array:
        if self.outputs:
            kernel = rotated(kernel, -1)
        if self.inputs:
            # Behind a Flatten every position has its channels.
            positions = kernel.reshape(-1, self.inputs, kernel.shape[-1])
            kernel = rotated(positions, 1).reshape(kernel.shape)
        return kernel
