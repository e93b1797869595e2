from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.rounding import sum_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.merge import Merge
from lipbuild.certifying.operations.operation import Array


class Add(Merge):
    """The sum: constants add up."""

    affine = True

    def combined(self, node: Node, constants: Sequence[float]) -> float:
        """ΣΛ."""
        return sum_up(constants)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The sum."""
        return np.asarray(np.sum(inputs, axis=0), np.float64)
