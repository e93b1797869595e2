from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape


class Identity(Operation):
    """What does nothing at inference, such as dropout."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        return shapes[0]

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The input itself."""
        return inputs[0]
