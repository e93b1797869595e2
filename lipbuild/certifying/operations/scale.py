from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.rounding import add_up, mul_down, mul_up
from lipbuild.certifying.bounds.scale import scale
from lipbuild.certifying.bounds.witness import euclidean_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Scale(Operation):
    """factor · (x − mean) + offset, each broadcast from the last axes; mean and offset may be missing.

    A factor that is computed is known up to `factor_error`, relative to it.
    """

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        for array in node.arrays.values():
            try:
                fits = np.broadcast_shapes(array.shape, shapes[0]) == shapes[0]
            except ValueError:
                fits = False
            if not fits:
                raise RefusedError(f"`{node.name}` scales inputs {shapes[0]} by an array of {array.shape}")
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """The largest factor."""
        bound, error = scale(node.arrays["factor"]), _factor_error(node)
        if error == 0.0:
            return bound
        upper, lower = mul_up(bound.upper, add_up(1.0, error)), mul_down(bound.lower, 1.0 - error)
        return Bound(upper, lower, bound.method, room=4.0 * error)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says."""
        x = inputs[0]
        if "mean" in node.arrays:
            x = x - exact_float64(node.arrays["mean"])
        x = x * exact_float64(node.arrays["factor"])
        if "offset" in node.arrays:
            x = x + exact_float64(node.arrays["offset"])
        return np.asarray(x, np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A difference, a product and a sum."""
        factor, error = scale(node.arrays["factor"]).upper, _factor_error(node)
        offset = 0.0
        for name, times in (("mean", mul_up(factor, 2.0)), ("offset", 1.0)):
            if name in node.arrays:
                array = np.broadcast_to(exact_float64(node.arrays[name]), shapes[0])
                offset = add_up(offset, mul_up(times, euclidean_up(array)))
        plain = error == 0.0 and "mean" not in node.arrays and "offset" not in node.arrays
        if plain and np.all(np.abs(node.arrays["factor"]) == 1.0):
            return Rounding()
        # A factor that is off by ε acts as another rounding does: ε <= 8u of float64.
        count = 3 if error == 0.0 else 3 + math.ceil(error / 2.0**-53)
        return Rounding(count, factor, offset, math.prod(shapes[0]), library=error > 0.0)

    def homogeneous(self, node: Node) -> Node:
        """The factor alone."""
        return self._factors(node, node.arrays["factor"])

    def majorant(self, node: Node) -> Node:
        """Its magnitude."""
        return self._factors(node, np.abs(node.arrays["factor"]))

    def _factors(self, node: Node, factor: np.ndarray) -> Node:
        return Node(node.name, node.kind, node.inputs, node.parameters, {"factor": factor})


def _factor_error(node: Node) -> float:
    return float(node.parameters.get("factor_error", 0.0))
