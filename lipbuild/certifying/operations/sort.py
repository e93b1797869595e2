from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Sort(Operation):
    """Values in ascending order along an axis, counted from 0 without the batch axis: a permutation."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if not 0 <= node.parameters["axis"] < len(shapes[0]):
            raise RefusedError(f"`{node.name}` sorts along the axis {node.parameters['axis']} of {shapes[0]}")
        return shapes[0]

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """Sort."""
        return np.sort(inputs[0], axis=node.parameters["axis"] + 1)
