from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.magnitude import kernel_magnitude_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.kernels import (
    check_bias,
    offset_norm,
    with_bias,
    without_bias,
)
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Dense(Operation):
    """x ↦ xW + b on the last axis."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, units)."""
        kernel = node.arrays["kernel"]
        if not shapes[0] or kernel.ndim != 2 or kernel.shape[0] != shapes[0][-1]:
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        check_bias(node, kernel.shape[1])
        return (*shapes[0][:-1], int(kernel.shape[1]))

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """‖W‖₂."""
        prove = dense
        if exact:
            from lipbuild.certifying.bounds.exact import exact_dense

            prove = exact_dense
        return prove(node.arrays["kernel"])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """XW + b."""
        return with_bias(node, np.asarray(inputs[0] @ exact_float64(node.arrays["kernel"]), np.float64))

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the inputs."""
        kernel = node.arrays["kernel"]
        positions = math.prod(shapes[0][:-1])
        return Rounding(
            int(kernel.shape[0]),
            kernel_magnitude_up(exact_float64(kernel)),
            offset_norm(node, positions),
            positions * int(kernel.shape[1]),
        )

    def homogeneous(self, node: Node) -> Node:
        """XW."""
        return without_bias(node)

    def majorant(self, node: Node) -> Node:
        """x|W|."""
        return without_bias(node, magnitudes=True)
