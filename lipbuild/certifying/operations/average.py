from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.rounding import div_up, sum_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.merge import Merge
from lipbuild.certifying.operations.operation import Array


class Average(Merge):
    """The mean."""

    affine = True

    def combined(self, node: Node, constants: Sequence[float]) -> float:
        """The mean of the constants."""
        return div_up(sum_up(constants), float(len(constants)))

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The mean."""
        return np.asarray(np.mean(inputs, axis=0), np.float64)
