from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError
from lipbuild.network.shapes import Shape, format_shape


@dataclass(frozen=True)
class Inputs:
    """Inputs with their names.

    Attributes:
        names: What each is called: its row, or its file.
        values: The inputs, samples first.
    """

    names: tuple[str, ...]
    values: NDArray[np.generic]

    def shaped(self, shape: Shape) -> Inputs:
        """The inputs in the shape that a network takes.

        A missing axis of one channel is added, and so is that of the samples where there is a single one; rows
        of as many numbers are laid out in the network's shape.

        Raises:
            RefusedError: They have another shape, are no numbers, or there is none.
        """
        values, names = self.values, self.names
        if values.dtype.kind not in "fiub" or values.dtype.itemsize > 8:
            raise RefusedError(f"inputs of type {values.dtype.name}, and numbers are needed")
        if values.size == 0:
            raise RefusedError("there is no input to predict")
        for candidate in (values, values[..., np.newaxis]):
            if _fits(candidate.shape[1:], shape):
                return Inputs(names, candidate)
            if _fits(candidate.shape, shape):
                return Inputs(("0",), candidate[np.newaxis])
        known = [n for n in shape if n is not None]
        if values.ndim == 2 and len(known) == len(shape) and values.shape[1] == math.prod(known):
            return Inputs(names, values.reshape(len(values), *known))
        raise RefusedError(
            f"an input is {format_shape(values.shape[1:])}, and the network takes {format_shape(shape)}"
        )


def _fits(found: tuple[int, ...], shape: Shape) -> bool:
    return len(found) == len(shape) and all(b is None or a == b for a, b in zip(found, shape))
