"""Operations y = Wx + b."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.average_pooling import average_pooling
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.convolution import axes_of, convolution, per_axis
from lipbuild.certify.bounds.dense import dense
from lipbuild.certify.bounds.geometry import Axis
from lipbuild.certify.bounds.global_average_pooling import global_average_pooling
from lipbuild.certify.bounds.gram import nonnegative_gain_up
from lipbuild.certify.bounds.inference_error import Rounding
from lipbuild.certify.bounds.rounding import gamma, mul_down, mul_up, scale_up, sqrt_up
from lipbuild.certify.bounds.scale import scale
from lipbuild.certify.bounds.stencil import stencil_of
from lipbuild.certify.bounds.symbol import magnitude_up
from lipbuild.certify.bounds.witness import euclidean_up
from lipbuild.certify.network import Node
from lipbuild.certify.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


def _offset_norm(node: Node, positions: int) -> float:
    bias = node.arrays.get("bias")
    return mul_up(euclidean_up(exact_float64(bias)), sqrt_up(float(positions))) if bias is not None else 0.0


def _with_bias(node: Node, result: Array) -> Array:
    bias = node.arrays.get("bias")
    return result if bias is None else result + exact_float64(bias)


class Dense(Operation):
    """x ↦ xW + b on the last axis."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, units)."""
        kernel = node.arrays["kernel"]
        if not shapes[0] or kernel.ndim != 2 or kernel.shape[0] != shapes[0][-1]:
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        if "bias" in node.arrays and node.arrays["bias"].shape != (kernel.shape[1],):
            raise RefusedError(f"`{node.name}` has a bias of shape {node.arrays['bias'].shape}")
        return (*shapes[0][:-1], int(kernel.shape[1]))

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """‖W‖₂."""
        if exact:
            from lipbuild.certify.bounds.exact import exact_dense

            return exact_dense(node.arrays["kernel"])
        return dense(node.arrays["kernel"])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """XW + b."""
        return _with_bias(node, np.asarray(inputs[0] @ exact_float64(node.arrays["kernel"]), np.float64))

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the inputs."""
        kernel = np.abs(exact_float64(node.arrays["kernel"]))
        exponent = max(math.frexp(float(np.max(kernel, initial=0.0)))[1], -900)
        gain = float(nonnegative_gain_up(np.ldexp(kernel, -exponent)[None])[0])
        magnitude = mul_up(sqrt_up(gain), 1.0 + 2.0 * gamma(sum(kernel.shape) + 64))
        positions = math.prod(shapes[0][:-1])
        return Rounding(
            int(kernel.shape[0]),
            scale_up(magnitude, exponent),
            _offset_norm(node, positions),
            positions * int(kernel.shape[1]),
        )


class Convolution(Operation):
    """A zero-padded convolution in any number of dimensions, grouped and dilated or not."""

    def _axes(self, node: Node, shape: Shape) -> tuple[Axis, ...]:
        p = node.parameters
        try:
            return axes_of(
                node.arrays["kernel"].shape, shape[:-1], p["strides"], p["padding"], p["dilation_rate"]
            )
        except ValueError as error:
            raise RefusedError(f"`{node.name}`: {error}") from error

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, filters)."""
        kernel, groups = node.arrays["kernel"], node.parameters["groups"]
        if (
            len(shapes[0]) != kernel.ndim - 1
            or kernel.shape[-2] * groups != shapes[0][-1]
            or kernel.shape[-1] % groups
        ):
            raise RefusedError(f"`{node.name}` has a kernel of shape {kernel.shape} on inputs {shapes[0]}")
        if "bias" in node.arrays and node.arrays["bias"].shape != (kernel.shape[-1],):
            raise RefusedError(f"`{node.name}` has a bias of shape {node.arrays['bias'].shape}")
        return (*(axis.outputs for axis in self._axes(node, shapes[0])), int(kernel.shape[-1]))

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certify.bounds.convolution`."""
        prove = convolution
        if exact:
            from lipbuild.certify.bounds.exact import exact_convolution

            prove = exact_convolution
        p = node.parameters
        return prove(
            node.arrays["kernel"],
            shapes[0][:-1],
            strides=p["strides"],
            padding=p["padding"],
            dilation_rate=p["dilation_rate"],
            groups=p["groups"],
        )

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The sum over the taps."""
        x, kernel = inputs[0], exact_float64(node.arrays["kernel"])
        axes, groups = self._axes(node, x.shape[1:]), node.parameters["groups"]
        padding, slices = [(0, 0)], []
        for axis in axes:
            length = axis.length or 0
            span = (axis.outputs - 1) * axis.stride + axis.extent
            padding.append((axis.left, max(span - axis.left - length, 0)))
            slices.append(
                [
                    slice(
                        a * axis.dilation,
                        a * axis.dilation + (axis.outputs - 1) * axis.stride + 1,
                        axis.stride,
                    )
                    for a in range(axis.size)
                ]
            )
        padded = np.pad(x, [*padding, (0, 0)])
        per_group, filters = kernel.shape[-2], kernel.shape[-1] // groups
        result = np.zeros((x.shape[0], *(axis.outputs for axis in axes), kernel.shape[-1]))
        for tap in itertools.product(*(range(axis.size) for axis in axes)):
            index = (slice(None), *(s[a] for s, a in zip(slices, tap, strict=True)))
            window = padded[index]
            for g in range(groups):
                columns = slice(g * filters, (g + 1) * filters)
                result[..., columns] += (
                    window[..., g * per_group : (g + 1) * per_group] @ kernel[tap][:, columns]
                )
        return _with_bias(node, result)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """One sum over the taps and the inputs of a group."""
        kernel = node.arrays["kernel"]
        axes = self._axes(node, shapes[0])
        stencil = stencil_of(kernel, axes, node.parameters["groups"])
        positions = math.prod(axis.outputs for axis in axes)
        return Rounding(
            math.prod(kernel.shape[:-1]),
            scale_up(magnitude_up(stencil), stencil.exponent),
            _offset_norm(node, positions),
            positions * int(kernel.shape[-1]),
        )


class AveragePooling(Operation):
    """The average over windows, times a factor."""

    def _axes(self, node: Node, shape: Shape) -> list[Axis]:
        p = node.parameters
        sizes = p["pool_size"]
        if len(shape) != len(sizes) + 1:
            raise RefusedError(f"`{node.name}` pools {len(sizes)} axes of inputs {shape}")
        try:
            steps = per_axis(p["strides"], len(sizes))
            return [
                Axis(size, stride, 1, p["padding"], length)
                for size, stride, length in zip(sizes, steps, shape[:-1], strict=True)
            ]
        except ValueError as error:
            raise RefusedError(f"`{node.name}`: {error}") from error

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, channels)."""
        return (*(axis.outputs for axis in self._axes(node, shapes[0])), shapes[0][-1])

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certify.bounds.average_pooling`."""
        p, factor = node.parameters, abs(float(node.parameters["factor"]))
        bound = average_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"], padding=p["padding"])
        return Bound(mul_up(bound.upper, factor), mul_down(bound.lower, factor), bound.method)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """One axis after the other."""
        x = inputs[0]
        for i, axis in enumerate(self._axes(node, x.shape[1:])):
            parts = []
            for j in range(axis.outputs):
                start = j * axis.stride - axis.left
                window = slice(max(start, 0), min(start + axis.size, axis.length or 0))
                parts.append(x[(slice(None),) * (i + 1) + (window,)].mean(axis=i + 1))
            x = np.stack(parts, axis=i + 1)
        return np.asarray(x * float(node.parameters["factor"]), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A sum over the window, a division for each axis, a factor."""
        upper = self.bound(node, shapes, False).upper
        outputs = math.prod(self.shape(node, shapes))
        return Rounding(math.prod(node.parameters["pool_size"]) + 4, upper, 0.0, outputs)


class GlobalAveragePooling(Operation):
    """The average over all positions, times a factor."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1 before it."""
        if len(shapes[0]) < 2:
            raise RefusedError(f"`{node.name}` pools inputs {shapes[0]}")
        kept = (1,) * (len(shapes[0]) - 1) if node.parameters["keepdims"] else ()
        return (*kept, shapes[0][-1])

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """1/√positions."""
        bound, factor = global_average_pooling(shapes[0][:-1]), abs(float(node.parameters["factor"]))
        return Bound(mul_up(bound.upper, factor), mul_down(bound.lower, factor), bound.method)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The mean."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        mean = inputs[0].mean(axis=axes, keepdims=bool(node.parameters["keepdims"]))
        return np.asarray(mean * float(node.parameters["factor"]), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A sum over the positions, a division, a factor."""
        upper = self.bound(node, shapes, False).upper
        return Rounding(math.prod(shapes[0][:-1]) + 4, upper, 0.0, shapes[0][-1])


class Scale(Operation):
    """factor · x + offset, both broadcast from the last axes."""

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
        return scale(node.arrays["factor"])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says."""
        return np.asarray(
            inputs[0] * exact_float64(node.arrays["factor"]) + exact_float64(node.arrays["offset"]),
            np.float64,
        )

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """A product and a sum."""
        offset = np.broadcast_to(exact_float64(node.arrays["offset"]), shapes[0])
        return Rounding(2, scale(node.arrays["factor"]).upper, euclidean_up(offset), math.prod(shapes[0]))
