"""Affine maps with weights: dense maps, convolutions and their transposes, scales, centring."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import axes_of, convolution, per_axis
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.magnitude import kernel_magnitude_up
from lipbuild.certifying.bounds.rounding import add_up, mul_down, mul_up, sqrt_up
from lipbuild.certifying.bounds.scale import scale
from lipbuild.certifying.bounds.witness import euclidean_up
from lipbuild.certifying.network import NetworkNode
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


def check_bias(node: NetworkNode, outputs: int) -> None:
    """Refuse a bias that does not fit."""
    if "bias" in node.arrays and node.arrays["bias"].shape != (outputs,):
        raise RefusedError(f"`{node.name}` has a bias of shape {node.arrays['bias'].shape}")


def offset_norm(node: NetworkNode, positions: int) -> float:
    """An upper bound of the norm of the bias at all positions."""
    bias = node.arrays.get("bias")
    return mul_up(euclidean_up(exact_float64(bias)), sqrt_up(float(positions))) if bias is not None else 0.0


def with_bias(node: NetworkNode, result: Array) -> Array:
    """The result with the bias, if there is one."""
    bias = node.arrays.get("bias")
    return result if bias is None else result + exact_float64(bias)


def without_bias(node: NetworkNode, *, magnitudes: bool = False) -> NetworkNode:
    """The node with its kernel, or the kernel's magnitudes, alone."""
    kernel = node.arrays["kernel"]
    return replace(node, arrays={"kernel": np.abs(kernel) if magnitudes else kernel})


class Dense(Operation):
    """x ↦ xW + b on the last axis."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """(…, units)."""
        kernel = node.arrays["kernel"]
        if not shapes[0] or kernel.ndim != 2 or kernel.shape[0] != shapes[0][-1]:
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        check_bias(node, kernel.shape[1])
        return (*shapes[0][:-1], int(kernel.shape[1]))

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """‖W‖₂."""
        prove = dense
        if exact:
            from lipbuild.certifying.bounds.exact import exact_dense

            prove = exact_dense
        return prove(node.arrays["kernel"])

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """xW + b."""
        return with_bias(node, np.asarray(inputs[0] @ exact_float64(node.arrays["kernel"]), np.float64))

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the inputs."""
        kernel = node.arrays["kernel"]
        positions = math.prod(shapes[0][:-1])
        return Rounding(
            int(kernel.shape[0]),
            kernel_magnitude_up(exact_float64(kernel)),
            offset_norm(node, positions),
            positions * int(kernel.shape[1]),
        )

    def homogeneous(self, node: NetworkNode) -> NetworkNode:
        """xW."""
        return without_bias(node)

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """x|W|."""
        return without_bias(node, magnitudes=True)


class Convolution(Operation):
    """A zero-padded convolution in any number of dimensions, grouped and dilated or not."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
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

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certifying.bounds.convolution`."""
        return convolution_bound(node, shapes[0][:-1], exact)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
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

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the taps and the inputs of a group."""
        kernel = node.arrays["kernel"]
        positions = math.prod(axis.outputs for axis in convolved_axes(node, shapes[0][:-1]))
        return Rounding(
            math.prod(kernel.shape[:-1]),
            kernel_magnitude_up(exact_float64(kernel), node.parameters["groups"]),
            offset_norm(node, positions),
            positions * int(kernel.shape[-1]),
        )

    def homogeneous(self, node: NetworkNode) -> NetworkNode:
        """Without the bias."""
        return without_bias(node)

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """With the kernel's magnitudes."""
        return without_bias(node, magnitudes=True)


def convolved_axes(node: NetworkNode, lengths: Sequence[int]) -> tuple[Axis, ...]:
    """The axes of a convolution that reads the given lengths.

    Raises:
        RefusedError: If they do not fit.
    """
    p = node.parameters
    try:
        return axes_of(node.arrays["kernel"].shape, lengths, p["strides"], p["padding"], p["dilation_rate"])
    except ValueError as error:
        raise RefusedError(f"`{node.name}`: {error}") from error


def convolution_bound(node: NetworkNode, lengths: Sequence[int], exact: bool) -> Bound:
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


class TransposedConvolution(Operation):
    """The adjoint of the convolution that reads its outputs and writes its inputs."""

    affine = True

    def _lengths(self, node: NetworkNode, shape: Shape) -> list[int]:
        """The spatial lengths of the output, as TensorFlow has them."""
        kernel, p = node.arrays["kernel"], node.parameters
        strides = per_axis(p["strides"], kernel.ndim - 2)
        return [
            n * s + (max(k - s, 0) if p["padding"] == "valid" else 0)
            for n, s, k in zip(shape[:-1], strides, kernel.shape, strict=False)
        ]

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """(…, filters)."""
        kernel = node.arrays["kernel"]
        if kernel.ndim < 3 or len(shapes[0]) != kernel.ndim - 1 or kernel.shape[-1] != shapes[0][-1]:
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        check_bias(node, kernel.shape[-2])
        lengths = self._lengths(node, shapes[0])
        if tuple(axis.outputs for axis in convolved_axes(node, lengths)) != shapes[0][:-1]:
            raise RefusedError(f"`{node.name}` does not transpose a convolution on outputs of {lengths}")
        return (*lengths, int(kernel.shape[-2]))

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """That of the convolution that it transposes."""
        return convolution_bound(node, self._lengths(node, shapes[0]), exact)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """Each input adds its multiple of the kernel to the outputs."""
        x, kernel = inputs[0], exact_float64(node.arrays["kernel"])
        axes = convolved_axes(node, self._lengths(node, x.shape[1:]))
        padded = np.zeros((x.shape[0], *(reach(axis) for axis in axes), kernel.shape[-2]))
        for tap in itertools.product(*(range(axis.size) for axis in axes)):
            padded[windows_of(axes, tap)] += x @ kernel[tap].T
        inside = [slice(None), *(slice(axis.left, axis.left + (axis.length or 0)) for axis in axes)]
        return with_bias(node, padded[tuple(inside)])

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the taps and the inputs' channels."""
        kernel = node.arrays["kernel"]
        positions = math.prod(self._lengths(node, shapes[0]))
        return Rounding(
            math.prod(kernel.shape[:-2]) * int(kernel.shape[-1]),
            kernel_magnitude_up(exact_float64(kernel)),
            offset_norm(node, positions),
            positions * int(kernel.shape[-2]),
        )

    def homogeneous(self, node: NetworkNode) -> NetworkNode:
        """Without the bias."""
        return without_bias(node)

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """With the kernel's magnitudes."""
        return without_bias(node, magnitudes=True)


class Scale(Operation):
    """factor · (x − mean) + offset, each broadcast from the last axes; mean and offset may be missing.

    A factor that is computed is known up to `factor_error`, relative to it.
    """

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        for array in node.arrays.values():
            try:
                fits = np.broadcast_shapes(array.shape, shapes[0]) == shapes[0]
            except ValueError:
                fits = False
            if not fits:
                raise RefusedError(f"`{node.name}` scales inputs {shapes[0]} by an array of {array.shape}")
        return shapes[0]

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """The largest factor."""
        bound, error = scale(node.arrays["factor"]), _factor_error(node)
        if error == 0.0:
            return bound
        upper, lower = mul_up(bound.upper, add_up(1.0, error)), mul_down(bound.lower, 1.0 - error)
        return Bound(upper, lower, bound.method, room=4.0 * error)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """As it says."""
        x = inputs[0]
        if "mean" in node.arrays:
            x = x - exact_float64(node.arrays["mean"])
        x = x * exact_float64(node.arrays["factor"])
        if "offset" in node.arrays:
            x = x + exact_float64(node.arrays["offset"])
        return np.asarray(x, np.float64)

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
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

    def homogeneous(self, node: NetworkNode) -> NetworkNode:
        """The factor alone."""
        return self._factors(node, node.arrays["factor"])

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """Its magnitude."""
        return self._factors(node, np.abs(node.arrays["factor"]))

    def _factors(self, node: NetworkNode, factor: np.ndarray) -> NetworkNode:
        return NetworkNode(node.name, node.kind, node.inputs, node.parameters, {"factor": factor})


def _factor_error(node: NetworkNode) -> float:
    return float(node.parameters.get("factor_error", 0.0))


class Centering(Operation):
    """x less its mean along some axes: the projection onto what has the mean 0 there."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        axes = node.parameters["axes"]
        if not axes or len(set(axes)) != len(axes) or not all(0 <= a < len(shapes[0]) for a in axes):
            raise RefusedError(f"`{node.name}` has the mean along the axes {axes} of inputs {shapes[0]}")
        return shapes[0]

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """1; 0 where each mean is of a single value."""
        count = math.prod(shapes[0][a] for a in node.parameters["axes"])
        constant = 0.0 if count == 1 else 1.0
        return Bound(constant, constant, "closed form", "exact")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """As it says; the majorant adds the mean."""
        axes = tuple(a + 1 for a in node.parameters["axes"])
        mean = inputs[0].mean(axis=axes, keepdims=True)
        return np.asarray(inputs[0] + mean if node.parameters.get("adds") else inputs[0] - mean, np.float64)

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """A sum, a division and a difference; the map with magnitudes has the norm 2 at most."""
        count = math.prod(shapes[0][a] for a in node.parameters["axes"])
        return Rounding(count + 8, 2.0, 0.0, math.prod(shapes[0]))

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """The sum with the mean."""
        return replace(node, parameters={**node.parameters, "adds": True})
