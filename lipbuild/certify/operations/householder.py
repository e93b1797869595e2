from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.inference_error import Rounding
from lipbuild.certify.bounds.roots import half_angle
from lipbuild.certify.network import Node
from lipbuild.certify.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Householder(Operation):
    """Pairs (z₁, z₂) of channels i and i + C/2 reflected at the line of angle θ/2 where they lie beyond it.

    With n = (sin θ/2, −cos θ/2) it is z − 2 n max(n·z, 0): continuous, and an isometry on either side.
    """

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        angles = node.arrays["angles"].shape
        if not shapes[0] or len(angles) != 1 or 2 * angles[0] != shapes[0][-1]:
            raise RefusedError(f"`{node.name}` has angles of shape {angles} for inputs {shapes[0]}")
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """1, whatever the angles."""
        exact_float64(node.arrays["angles"])
        return Bound(1.0, 1.0, "closed form", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says."""
        normals = np.array([half_angle(float(a)) for a in node.arrays["angles"]]).reshape(-1, 2)
        sin, cos = normals[:, 1], normals[:, 0]
        first, second = np.split(inputs[0], 2, axis=-1)
        beyond = 2.0 * np.maximum(first * sin - second * cos, 0.0)
        return np.concatenate([first - sin * beyond, second + cos * beyond], axis=-1)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """Less than twenty roundings relative to at most 5 times the pair, the sine and cosine among them."""
        return Rounding(20, 5.0, 0.0, 8 * math.prod(shapes[0]), library=True)
