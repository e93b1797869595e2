"""What the operations on all positions of each channel share."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Operation, Shape
from lipbuild.errors import RefusedError


class WholeImage(Operation):
    """An operation on all positions of each channel; `keepdims` keeps axes of length 1."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1 before it."""
        if len(shapes[0]) < 2:
            raise RefusedError(f"`{node.name}` pools inputs {shapes[0]}")
        kept = (1,) * (len(shapes[0]) - 1) if node.parameters["keepdims"] else ()
        return (*kept, shapes[0][-1])
