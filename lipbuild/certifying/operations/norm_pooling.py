from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.max_pooling import max_pooling
from lipbuild.certifying.bounds.rounding import div_down, div_up, mul_up, sqrt_down, sqrt_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Shape
from lipbuild.certifying.operations.windows import Windows
from lipbuild.errors import RefusedError


class NormPooling(Windows):
    """√(mean of the squares of a window + epsilon)."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, channels)."""
        if node.parameters["padding"] != "valid" or not node.parameters["epsilon"] >= 0.0:
            raise RefusedError(f"`{node.name}` pads its windows, or has an epsilon below 0")
        return super().shape(node, shapes)

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """√(windows over one input) / √(inputs of a window), as √(x² + ε) is 1-Lipschitz in the norm."""
        p = node.parameters
        pooled = max_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"])
        size = float(math.prod(p["pool_size"]))
        upper, lower = div_up(pooled.upper, sqrt_down(size)), div_down(pooled.lower, sqrt_up(size))
        return Bound(upper, lower, pooled.method, "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The means of the squares, one axis after the other, then the root."""
        means = self._reduced(node, inputs[0] * inputs[0], lambda x, axis: x.mean(axis=axis))
        return np.asarray(np.sqrt(means + float(node.parameters["epsilon"])), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A square, a sum of terms that are not negative, divisions and a root."""
        outputs = math.prod(self.shape(node, shapes))
        # The root of the epsilon at each output is what an input of 0 gives.
        offset = mul_up(sqrt_up(float(node.parameters["epsilon"])), sqrt_up(float(outputs)))
        upper = self.bound(node, shapes, False).upper
        return Rounding(math.prod(node.parameters["pool_size"]) + 8, upper, offset, outputs, root=True)
