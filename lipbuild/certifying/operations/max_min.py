from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class MaxMin(Operation):
    """Relu(x) beside relu(−x) along an axis, counted from 0 without the batch axis.

    1-Lipschitz: for two numbers (a₊ − b₊)² + (a₋ − b₋)² <= (a − b)².
    """

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """Twice the length of the axis."""
        axis = node.parameters["axis"]
        if not 0 <= axis < len(shapes[0]):
            raise RefusedError(f"`{node.name}` joins along the axis {axis} of {shapes[0]}")
        return tuple(2 * n if i == axis else n for i, n in enumerate(shapes[0]))

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """Both parts."""
        x = inputs[0]
        return np.concatenate([np.maximum(x, 0.0), np.maximum(-x, 0.0)], axis=node.parameters["axis"] + 1)
