from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.scale import scale
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class PReLU(Operation):
    """max(x, 0) + slope · min(x, 0), the slopes broadcast from the last axes."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        slopes = node.arrays["slopes"].shape
        try:
            fits = np.broadcast_shapes(slopes, shapes[0]) == shapes[0]
        except ValueError:
            fits = False
        if not fits:
            raise RefusedError(f"`{node.name}` has slopes of shape {slopes} on inputs {shapes[0]}")
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """max(1, |slope|)."""
        constant = max(1.0, scale(node.arrays["slopes"]).upper)
        return Bound(constant, constant, "closed form", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says."""
        slopes = exact_float64(node.arrays["slopes"])
        return np.asarray(np.maximum(inputs[0], 0.0) + slopes * np.minimum(inputs[0], 0.0), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A product; one of the addends is 0."""
        return Rounding(1, self.bound(node, shapes, False).upper, 0.0, math.prod(shapes[0]))
