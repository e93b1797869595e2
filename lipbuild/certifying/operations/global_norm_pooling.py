from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.rounding import mul_up, sqrt_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Shape
from lipbuild.certifying.operations.whole_image import WholeImage
from lipbuild.errors import RefusedError


class GlobalNormPooling(WholeImage):
    """√(sum of the squares of all positions + epsilon): 1-Lipschitz."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1 before it."""
        if not node.parameters["epsilon"] >= 0.0:
            raise RefusedError(f"`{node.name}` has an epsilon below 0")
        return super().shape(node, shapes)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The root of the sum."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        squares = np.sum(inputs[0] * inputs[0], axis=axes, keepdims=bool(node.parameters["keepdims"]))
        return np.asarray(np.sqrt(squares + float(node.parameters["epsilon"])), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A square, a sum of terms that are not negative and a root."""
        offset = mul_up(sqrt_up(float(node.parameters["epsilon"])), sqrt_up(float(shapes[0][-1])))
        return Rounding(math.prod(shapes[0][:-1]) + 8, 1.0, offset, shapes[0][-1], root=True)
