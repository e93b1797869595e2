from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Intermediate(Operation):
    """A step of something that has a constant as a whole, such as the square in an L2 norm; alone it has none.

    Reading a model leaves it out where the whole is recognised.
    """

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """That of what it stands for, as it was read."""
        return tuple(node.parameters["shape"])

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """Refused."""
        raise RefusedError(f"`{node.name}` is a {node.parameters['operation']}, which has no constant alone")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """Refused."""
        raise RefusedError(f"`{node.name}` is a {node.parameters['operation']}, which is not known alone")
