"""What the operations on several inputs share."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Operation, Shape
from lipbuild.errors import RefusedError


class Merge(Operation):
    """An operation on several inputs of one shape."""

    unary = False
    # None for any number of inputs.
    arity: int | None = None

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """That of each input."""
        if len(set(shapes)) != 1 or len(shapes) != (self.arity or len(shapes)):
            raise RefusedError(f"`{node.name}` merges inputs of shapes {list(shapes)}")
        return shapes[0]
