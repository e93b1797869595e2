from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.elementary import exponential
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.rounding import sqrt_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Softmax(Operation):
    """eˣ over the sum of eˣ along an axis, counted from 0 without the batch axis.

    Its Jacobian diag(p) − ppᵀ has rows whose magnitudes sum to 2 p (1 − p) <= ½.
    """

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if not 0 <= node.parameters["axis"] < len(shapes[0]):
            raise RefusedError(f"`{node.name}` has the axis {node.parameters['axis']} of {shapes[0]}")
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """½, and 0 along an axis of length 1."""
        constant = 0.0 if shapes[0][node.parameters["axis"]] == 1 else 0.5
        return Bound(constant, constant, "closed form", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says, less the largest value."""
        axis = node.parameters["axis"] + 1
        powers = exponential(inputs[0] - inputs[0].max(axis=axis, keepdims=True))
        return np.asarray(powers / powers.sum(axis=axis, keepdims=True), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """The exponent's rounding u(|x| + max|x|) acts through ½; the rest is relative to values below 1."""
        length = shapes[0][node.parameters["axis"]]
        rows = math.prod(shapes[0]) // length
        # ‖max x‖ over a row's entries is at most √length ‖x‖.
        magnitude = sqrt_up(float(length)) + 1.0
        return Rounding(length + 64, magnitude, sqrt_up(float(rows)), math.prod(shapes[0]), library=True)
