from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Permute(Operation):
    """Axes in another order; `dims` counts from 1, as Keras does."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The permuted shape."""
        dims = list(node.parameters["dims"])
        if sorted(dims) != list(range(1, len(shapes[0]) + 1)):
            raise RefusedError(f"`{node.name}` permutes inputs {shapes[0]} by {dims}")
        return tuple(shapes[0][d - 1] for d in dims)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """A view."""
        return np.transpose(inputs[0], (0, *node.parameters["dims"]))
