from __future__ import annotations

import math
from collections.abc import Sequence

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Reshape(Operation):
    """The same values in the same order in another shape; `shape` is [-1] for flattening."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """As stated, with a single -1 filled in."""
        total, target = math.prod(shapes[0]), list(node.parameters["shape"])
        known = math.prod(n for n in target if n != -1)
        if target.count(-1) == 1 and known > 0 and total % known == 0:
            target[target.index(-1)] = total // known
        if any(n < 1 for n in target) or math.prod(target) != total:
            raise RefusedError(f"`{node.name}` reshapes {shapes[0]} to {node.parameters['shape']}")
        return tuple(target)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """A view."""
        return inputs[0].reshape(inputs[0].shape[0], *self.shape(node, [inputs[0].shape[1:]]))
