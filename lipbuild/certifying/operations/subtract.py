from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.add import Add
from lipbuild.certifying.operations.operation import Array


class Subtract(Add):
    """The difference of two: constants add up."""

    arity = 2

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The difference."""
        return inputs[0] - inputs[1]

    def majorant(self, node: Node) -> Node:
        """The sum."""
        return replace(node, kind="add")
