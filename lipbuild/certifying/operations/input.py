from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Input(Operation):
    """The network's input."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """As stated."""
        shape = tuple(node.parameters["shape"])
        if not shape or not all(isinstance(n, int) and n > 0 for n in shape):
            raise RefusedError(f"the input `{node.name}` has the shape {shape}, which is not fully known")
        return shape

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The input itself."""
        return inputs[0]
