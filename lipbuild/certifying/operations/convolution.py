from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import axes_of, convolution
from lipbuild.certifying.bounds.geometry import Axis
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


class Convolution(Operation):
    """A zero-padded convolution in any number of dimensions, grouped and dilated or not."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, filters)."""
        kernel, groups = node.arrays["kernel"], node.parameters["groups"]
        if (
            kernel.ndim < 3
            or len(shapes[0]) != kernel.ndim - 1
            or kernel.shape[-2] * groups != shapes[0][-1]
            or kernel.shape[-1] % groups
        ):
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        check_bias(node, kernel.shape[-1])
        axes = convolved_axes(node, shapes[0][:-1])
        return (*(axis.outputs for axis in axes), int(kernel.shape[-1]))

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certifying.bounds.convolution`."""
        return convolution_bound(node, shapes[0][:-1], exact)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The sum over the taps."""
        x, kernel = inputs[0], exact_float64(node.arrays["kernel"])
        axes, groups = convolved_axes(node, x.shape[1:-1]), node.parameters["groups"]
        padding = [(axis.left, reach(axis) - axis.left - (axis.length or 0)) for axis in axes]
        padded = np.pad(x, [(0, 0), *padding, (0, 0)])
        per_group, filters = kernel.shape[-2], kernel.shape[-1] // groups
        result = np.zeros((x.shape[0], *(axis.outputs for axis in axes), kernel.shape[-1]))
        for tap in itertools.product(*(range(axis.size) for axis in axes)):
            window = padded[windows_of(axes, tap)]
            for g in range(groups):
                columns = slice(g * filters, (g + 1) * filters)
                rows = window[..., g * per_group : (g + 1) * per_group]
                result[..., columns] += rows @ kernel[tap][:, columns]
        return with_bias(node, result)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the taps and the inputs of a group."""
        kernel = node.arrays["kernel"]
        positions = math.prod(axis.outputs for axis in convolved_axes(node, shapes[0][:-1]))
        return Rounding(
            math.prod(kernel.shape[:-1]),
            kernel_magnitude_up(exact_float64(kernel), node.parameters["groups"]),
            offset_norm(node, positions),
            positions * int(kernel.shape[-1]),
        )

    def homogeneous(self, node: Node) -> Node:
        """Without the bias."""
        return without_bias(node)

    def majorant(self, node: Node) -> Node:
        """With the kernel's magnitudes."""
        return without_bias(node, magnitudes=True)


def convolved_axes(node: Node, lengths: Sequence[int]) -> tuple[Axis, ...]:
    """The axes of a convolution that reads the given lengths.

    Raises:
        RefusedError: if they do not fit.
    """
    p = node.parameters
    try:
        return axes_of(node.arrays["kernel"].shape, lengths, p["strides"], p["padding"], p["dilation_rate"])
    except ValueError as error:
        raise RefusedError(f"`{node.name}`: {error}") from error


def convolution_bound(node: Node, lengths: Sequence[int], exact: bool) -> Bound:
    """The bound of a convolution that reads the given lengths; its adjoint has the same."""
    prove: Any = convolution
    if exact:
        from lipbuild.certifying.bounds.exact import exact_convolution

        prove = exact_convolution
    p = node.parameters
    bound: Bound = prove(
        node.arrays["kernel"],
        lengths,
        strides=p["strides"],
        padding=p["padding"],
        dilation_rate=p["dilation_rate"],
        groups=p["groups"],
    )
    return bound


def reach(axis: Axis) -> int:
    """The length of a padded input that holds all windows and all inputs."""
    return max((axis.outputs - 1) * axis.stride + axis.extent, axis.left + (axis.length or 0))


def windows_of(axes: Sequence[Axis], tap: Sequence[int]) -> tuple[slice, ...]:
    """Where a tap reads in the padded input, for all samples and outputs."""
    return (
        slice(None),
        *(
            slice(a * axis.dilation, a * axis.dilation + (axis.outputs - 1) * axis.stride + 1, axis.stride)
            for a, axis in zip(tap, axes, strict=True)
        ),
    )
