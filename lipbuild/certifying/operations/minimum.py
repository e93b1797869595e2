from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.maximum import Maximum
from lipbuild.certifying.operations.operation import Array


class Minimum(Maximum):
    """The least, value by value."""

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The least."""
        return np.asarray(np.min(inputs, axis=0), np.float64)
