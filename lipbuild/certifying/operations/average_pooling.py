from __future__ import annotations

import math
from collections.abc import Sequence

from lipbuild.certifying.bounds.average_pooling import average_pooling
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Shape
from lipbuild.certifying.operations.windows import Windows


class AveragePooling(Windows):
    """The average over windows; padding is left out of them."""

    affine = True

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certifying.bounds.average_pooling`."""
        p = node.parameters
        return average_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"], padding=p["padding"])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """One axis after the other."""
        return self._reduced(node, inputs[0], lambda x, axis: x.mean(axis=axis))

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A sum over the window and a division for each axis."""
        upper = self.bound(node, shapes, False).upper
        outputs = math.prod(self.shape(node, shapes))
        return Rounding(math.prod(node.parameters["pool_size"]) + 4, upper, 0.0, outputs)
