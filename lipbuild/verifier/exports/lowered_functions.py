"""Functions of values, sums, products and merges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.verifier import functions, moving_layers
from lipbuild.verifier.call import Reader
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Operation
from lipbuild.verifier.exports.lowered import View
from lipbuild.verifier.exports.lowered_kernels import LoweredKernels
from lipbuild.verifier.floats import Array, U
from lipbuild.verifier.nodes import Node

# How far a quotient may be from what is divided times the inverse.
_FACTOR_ERROR = 8.0 * U


class LoweredFunctions(LoweredKernels):
    """What is computed value by value."""

    def _elementwise(self, operation: Operation, kind: str, options: Mapping[str, Any]) -> View:
        view = self._view(operation.inputs[0])
        self.building.add(Node(operation.output, kind, (view.node,), options))
        return View(operation.output, view.axes)

    def _identity(self, operation: Operation) -> View:
        return self._view(operation.inputs[0])

    def _activation(self, operation: Operation) -> View:
        return self._elementwise(operation, "activation", operation.options)

    def _softmax(self, operation: Operation) -> View:
        view = self._view(operation.inputs[0])
        return self._elementwise(operation, "softmax", {"axis": view.axes[operation.options["axis"] - 1]})

    def _p_relu(self, operation: Operation) -> View:
        view = self._view(operation.inputs[0])
        return self._slopes(operation, view, self._spread(operation.inputs[1], view))

    def _masked_signs(self, operation: Operation) -> View:
        """The bits of the signs cleared for some channels: |x| there. Masks are rows of pixels, all alike."""
        view, mask = self._view(operation.inputs[0]), self.graph.constants[operation.inputs[1]]
        shape, row = self._shape(view), operation.options["row"]
        length = math.prod(shape[1:]) if len(shape) > 1 else shape[0]
        if list(operation.options["shape"]) != [-1, *shape] or row != length or mask.shape != (row,):
            raise RefusedError(operation.output, "masks the bits of other rows than those of its samples")
        masks = mask.reshape(-1, shape[-1])
        if (
            mask.dtype.name != "int32"
            or not (masks == masks[0]).all()
            or not np.isin(masks, (-1, 2**31 - 1)).all()
        ):
            raise RefusedError(operation.output, "masks other bits than signs")
        slopes = np.where(masks[0] == -1, 1.0, -1.0).reshape((1,) * (len(shape) - 1) + (-1,))
        return self._slopes(operation, View(view.node, view.axes), self._laid_out(slopes, view))

    def _laid_out(self, value: Array, view: View) -> Array:
        return np.asarray(value.transpose([view.axes.index(a) for a in range(len(view.axes))]), np.float64)

    def _slopes(self, operation: Operation, view: View, slopes: Array) -> View:
        rank = len(view.axes)
        slopes = np.asarray(slopes).reshape((1,) * (rank - np.ndim(slopes)) + np.shape(slopes))
        self.building.add(Node(operation.output, "p_relu", (view.node,), {}, {"slopes": slopes}))
        return View(operation.output, view.axes)

    def _scaled(self, operation: Operation, tensor: str, options: Mapping[str, Any], **arrays: Array) -> View:
        view = self._view(tensor)
        self.building.add(Node(operation.output, "scale", (view.node,), options, arrays))
        return View(operation.output, view.axes)

    def _negative(self, operation: Operation) -> View:
        return self._scaled(operation, operation.inputs[0], {}, factor=np.array(-1.0))

    def _sides(self, operation: Operation) -> tuple[str, str, bool]:
        """The tensor, the constant, and whether that stands first, of an operation on one of each."""
        first, second = operation.inputs
        return (second, first, True) if self._is_constant(first) else (first, second, False)

    def _merged(self, operation: Operation, reader: Reader) -> View:
        nodes, axes = self._together(operation.inputs)
        return View(self._read(reader, operation.output, nodes, [None] * len(nodes)), axes)

    def _add(self, operation: Operation) -> View | None:
        if operation.output in self.views:
            return None
        if any(map(self._is_constant, operation.inputs)):
            tensor, constant, _ = self._sides(operation)
            offset = self._spread(constant, self._view(tensor))
            return self._scaled(operation, tensor, {}, factor=np.array(1.0), offset=offset)
        found = self._rectified_sum(operation) or self._pointwise_absolute(operation)
        return found or self._merged(operation, functions.add)

    def _rectified_sum(self, operation: Operation) -> View | None:
        """max(x, 0) + w max(−x, 0): the slope below 0 is −w."""
        for x, y in (operation.inputs, operation.inputs[::-1]):
            view, other = self._view(x), self._view(y)
            own, scaled = (self.building.nodes[v.node] for v in (view, other))
            source, mirrored = _rectified(own), self.building.nodes.get(_scaled(scaled) or "")
            minus = self.building.nodes.get((_rectified(mirrored) if mirrored is not None else None) or "")
            if source is None or minus is None or view.axes != other.axes:
                continue
            if _scaled(minus) == source and bool(np.all(minus.arrays["factor"] == -1.0)):
                return self._slopes(operation, View(source, view.axes), -scaled.arrays["factor"])
        return None

    def _pointwise_absolute(self, operation: Operation) -> View | None:
        """x + max(0, wx) with a negative w a channel: the slope below 0 is 1 + w."""
        for x, y in (operation.inputs, operation.inputs[::-1]):
            view, other = self._view(x), self._view(y)
            relu = self.building.nodes[other.node]
            if other.axes != view.axes or relu.kind != "activation" or relu.options != {"function": "relu"}:
                continue
            inner = self.building.nodes[relu.inputs[0]]
            factor = _channel_factor(inner)
            if factor is not None and inner.inputs == (view.node,) and bool(np.all(factor <= 0.0)):
                return self._slopes(operation, view, 1.0 + factor)
        return None

    def _subtract(self, operation: Operation) -> View:
        if any(map(self._is_constant, operation.inputs)):
            tensor, constant, first = self._sides(operation)
            value = self._spread(constant, self._view(tensor))
            factor, offset = (-1.0, value) if first else (1.0, -value)
            return self._scaled(operation, tensor, {}, factor=np.array(factor), offset=offset)
        view, mean = map(self._view, operation.inputs)
        pooled = self.building.nodes[mean.node]
        if (pooled.kind, pooled.inputs, mean.axes) == ("global_average_pooling", (view.node,), view.axes):
            axes = tuple(range(len(view.axes) - 1))
            if pooled.options["keepdims"]:
                self.building.add(Node(operation.output, "centering", (view.node,), {"axes": axes}))
                return View(operation.output, view.axes)
        return self._merged(operation, functions.subtract)

    def _multiply(self, operation: Operation) -> View:
        if not any(map(self._is_constant, operation.inputs)):
            if operation.inputs[0] == operation.inputs[1]:
                return self._square(operation)
            raise RefusedError(operation.output, "multiplies two tensors")
        tensor, constant, _ = self._sides(operation)
        return self._scaled(operation, tensor, {}, factor=self._spread(constant, self._view(tensor)))

    def _divide(self, operation: Operation) -> View:
        tensor, constant, first = self._sides(operation)
        if first or not self._is_constant(constant):
            raise RefusedError(operation.output, "divides by a tensor")
        divisor = self._spread(constant, self._view(tensor))
        if bool(np.all(np.abs(np.frexp(divisor)[0]) == 0.5)):
            # By powers of two: nothing is rounded.
            return self._scaled(operation, tensor, {}, factor=1.0 / divisor)
        return self._scaled(operation, tensor, {"factor_error": _FACTOR_ERROR}, factor=1.0 / divisor)

    def _maximum(self, operation: Operation) -> View:
        clipped = self._clipped(operation)
        if clipped is not None:
            return clipped
        for x, y in (operation.inputs, operation.inputs[::-1]):
            view, other = self._view(x), self.building.nodes[self._view(y).node]
            scaled = other.kind == "scale" and set(other.arrays) == {"factor"} and not other.options
            if scaled and other.inputs == (view.node,) and bool(np.all(other.arrays["factor"] <= 1.0)):
                # max(x, cx) is x above 0 and cx below, for c up to 1.
                return self._slopes(operation, view, other.arrays["factor"])
        return self._merged(operation, moving_layers.merge("maximum", 2))

    def _clipped(self, operation: Operation) -> View | None:
        """max(x, 0)."""
        if not any(map(self._is_constant, operation.inputs)):
            return None
        tensor, constant, _ = self._sides(operation)
        if np.any(self._spread(constant, self._view(tensor)) != 0.0):
            raise RefusedError(operation.output, "is a maximum with a constant that is not 0")
        return self._elementwise(
            Operation("activation", (tensor,), operation.output), "activation", {"function": "relu"}
        )

    def _minimum(self, operation: Operation) -> View:
        return self._merged(operation, moving_layers.merge("minimum", 2))

    def _square(self, operation: Operation) -> View:
        view = self._view(operation.inputs[0])
        return View(self._read(functions.square, operation.output, [view.node]), view.axes)

    def _square_root(self, operation: Operation) -> View:
        view = self._view(operation.inputs[0])
        return View(self._read(functions.square_root, operation.output, [view.node]), view.axes)


def _rectified(node: Node) -> str | None:
    """What a node is the positive part of."""
    return node.inputs[0] if node.kind == "activation" and node.options == {"function": "relu"} else None


def _scaled(node: Node) -> str | None:
    """What a node is a multiple of, value by value."""
    plain = node.kind == "scale" and set(node.arrays) == {"factor"} and not node.options
    return node.inputs[0] if plain else None


def _channel_factor(node: Node) -> Array | None:
    """What each channel is multiplied by, if a node does that and nothing else."""
    if node.kind == "scale" and set(node.arrays) == {"factor"} and not node.options:
        return node.arrays["factor"]
    if node.kind != "convolution" or set(node.arrays) != {"kernel"}:
        return None
    kernel, o = node.arrays["kernel"], node.options
    alone = kernel.shape[:-1] == (1,) * (kernel.ndim - 1) and o["groups"] == kernel.shape[-1]
    return kernel.reshape(-1) if alone and set(o["strides"]) == {1} else None
