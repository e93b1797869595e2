from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.global_average_pooling import global_average_pooling
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Shape
from lipbuild.certifying.operations.whole_image import WholeImage


class GlobalAveragePooling(WholeImage):
    """The average over all positions."""

    affine = True

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """1/√positions."""
        return global_average_pooling(shapes[0][:-1])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The mean."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        keepdims = bool(node.parameters["keepdims"])
        return np.asarray(inputs[0].mean(axis=axes, keepdims=keepdims), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A sum over the positions and a division."""
        upper = self.bound(node, shapes, False).upper
        return Rounding(math.prod(shapes[0][:-1]) + 4, upper, 0.0, shapes[0][-1])
