from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.rounding import norm_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.merge import Merge
from lipbuild.certifying.operations.operation import Array


class Maximum(Merge):
    """The greatest, value by value: |max(a, b) − max(a', b')|² <= |a − a'|² + |b − b'|²."""

    def combined(self, node: Node, constants: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(constants)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The greatest."""
        return np.asarray(np.max(inputs, axis=0), np.float64)
