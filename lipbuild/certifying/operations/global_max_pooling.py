from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array
from lipbuild.certifying.operations.whole_image import WholeImage


class GlobalMaxPooling(WholeImage):
    """The maximum over all positions: 1-Lipschitz."""

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The maximum."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        return np.asarray(inputs[0].max(axis=axes, keepdims=bool(node.parameters["keepdims"])), np.float64)
