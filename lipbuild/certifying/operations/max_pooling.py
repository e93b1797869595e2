from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.max_pooling import max_pooling
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Shape
from lipbuild.certifying.operations.windows import Windows


class MaxPooling(Windows):
    """The maximum over windows."""

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certifying.bounds.max_pooling`."""
        p = node.parameters
        return max_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"], padding=p["padding"])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """One axis after the other."""
        return self._reduced(node, inputs[0], lambda x, axis: x.max(axis=axis))
