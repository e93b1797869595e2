from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import per_axis
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.magnitude import kernel_magnitude_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.convolution import convolution_bound, convolved_axes, reach, windows_of
from lipbuild.certifying.operations.kernels import (
    check_bias,
    offset_norm,
    with_bias,
    without_bias,
)
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class TransposedConvolution(Operation):
    """The adjoint of the convolution that reads its outputs and writes its inputs."""

    affine = True

    def _lengths(self, node: Node, shape: Shape) -> list[int]:
        """The spatial lengths of the output, as TensorFlow has them."""
        kernel, p = node.arrays["kernel"], node.parameters
        strides = per_axis(p["strides"], kernel.ndim - 2)
        return [
            n * s + (max(k - s, 0) if p["padding"] == "valid" else 0)
            for n, s, k in zip(shape[:-1], strides, kernel.shape, strict=False)
        ]

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, filters)."""
        kernel = node.arrays["kernel"]
        if kernel.ndim < 3 or len(shapes[0]) != kernel.ndim - 1 or kernel.shape[-1] != shapes[0][-1]:
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        check_bias(node, kernel.shape[-2])
        lengths = self._lengths(node, shapes[0])
        if tuple(axis.outputs for axis in convolved_axes(node, lengths)) != shapes[0][:-1]:
            raise RefusedError(f"`{node.name}` does not transpose a convolution on outputs of {lengths}")
        return (*lengths, int(kernel.shape[-2]))

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """That of the convolution that it transposes."""
        return convolution_bound(node, self._lengths(node, shapes[0]), exact)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """Each input adds its multiple of the kernel to the outputs."""
        x, kernel = inputs[0], exact_float64(node.arrays["kernel"])
        axes = convolved_axes(node, self._lengths(node, x.shape[1:]))
        padded = np.zeros((x.shape[0], *(reach(axis) for axis in axes), kernel.shape[-2]))
        for tap in itertools.product(*(range(axis.size) for axis in axes)):
            padded[windows_of(axes, tap)] += x @ kernel[tap].T
        inside = [slice(None), *(slice(axis.left, axis.left + (axis.length or 0)) for axis in axes)]
        return with_bias(node, padded[tuple(inside)])

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the taps and the inputs' channels."""
        kernel = node.arrays["kernel"]
        positions = math.prod(self._lengths(node, shapes[0]))
        return Rounding(
            math.prod(kernel.shape[:-2]) * int(kernel.shape[-1]),
            kernel_magnitude_up(exact_float64(kernel)),
            offset_norm(node, positions),
            positions * int(kernel.shape[-2]),
        )

    def homogeneous(self, node: Node) -> Node:
        """Without the bias."""
        return without_bias(node)

    def majorant(self, node: Node) -> Node:
        """With the kernel's magnitudes."""
        return without_bias(node, magnitudes=True)
