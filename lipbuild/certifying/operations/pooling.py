"""Pooling, of windows and of whole images."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from lipbuild.certifying.bounds.average_pooling import average_pooling
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import per_axis
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.global_average_pooling import global_average_pooling
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.max_pooling import max_pooling
from lipbuild.certifying.bounds.rounding import div_down, div_up, mul_up, sqrt_down, sqrt_up
from lipbuild.certifying.network import NetworkNode
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Windows(Operation):
    """An operation on windows of each channel, one spatial axis after the other."""

    def _axes(self, node: NetworkNode, shape: Shape) -> list[Axis]:
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

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """(…, channels)."""
        return (*(axis.outputs for axis in self._axes(node, shapes[0])), shapes[0][-1])

    def _reduced(self, node: NetworkNode, x: Array, reduce: Callable[[Array, int], Array]) -> Array:
        for i, axis in enumerate(self._axes(node, x.shape[1:])):
            parts = []
            for j in range(axis.outputs):
                start = j * axis.stride - axis.left
                window = slice(max(start, 0), min(start + axis.size, axis.length or 0))
                parts.append(reduce(x[(slice(None),) * (i + 1) + (window,)], i + 1))
            x = np.stack(parts, axis=i + 1)
        return x


class WholeImage(Operation):
    """An operation on all positions of each channel; `keepdims` keeps axes of length 1."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1 before it."""
        if len(shapes[0]) < 2:
            raise RefusedError(f"`{node.name}` pools inputs {shapes[0]}")
        kept = (1,) * (len(shapes[0]) - 1) if node.parameters["keepdims"] else ()
        return (*kept, shapes[0][-1])


class AveragePooling(Windows):
    """The average over windows; padding is left out of them."""

    affine = True

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certifying.bounds.average_pooling`."""
        p = node.parameters
        return average_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"], padding=p["padding"])

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """One axis after the other."""
        return self._reduced(node, inputs[0], lambda x, axis: x.mean(axis=axis))

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """A sum over the window and a division for each axis."""
        upper = self.bound(node, shapes, False).upper
        outputs = math.prod(self.shape(node, shapes))
        return Rounding(math.prod(node.parameters["pool_size"]) + 4, upper, 0.0, outputs)


class GlobalAveragePooling(WholeImage):
    """The average over all positions."""

    affine = True

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """1/√positions."""
        return global_average_pooling(shapes[0][:-1])

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The mean."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        keepdims = bool(node.parameters["keepdims"])
        return np.asarray(inputs[0].mean(axis=axes, keepdims=keepdims), np.float64)

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """A sum over the positions and a division."""
        upper = self.bound(node, shapes, False).upper
        return Rounding(math.prod(shapes[0][:-1]) + 4, upper, 0.0, shapes[0][-1])


class MaxPooling(Windows):
    """The maximum over windows."""

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """See `lipbuild.certifying.bounds.max_pooling`."""
        p = node.parameters
        return max_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"], padding=p["padding"])

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """One axis after the other."""
        return self._reduced(node, inputs[0], lambda x, axis: x.max(axis=axis))


class GlobalMaxPooling(WholeImage):
    """The maximum over all positions: 1-Lipschitz."""

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The maximum."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        return np.asarray(inputs[0].max(axis=axes, keepdims=bool(node.parameters["keepdims"])), np.float64)


class NormPooling(Windows):
    """√(mean of the squares of a window + epsilon)."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """(…, channels)."""
        if node.parameters["padding"] != "valid" or not node.parameters["epsilon"] >= 0.0:
            raise RefusedError(f"`{node.name}` pads its windows, or has an epsilon below 0")
        return super().shape(node, shapes)

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """√(windows over one input) / √(inputs of a window), as √(x² + ε) is 1-Lipschitz in the norm."""
        p = node.parameters
        pooled = max_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"])
        size = float(math.prod(p["pool_size"]))
        upper, lower = div_up(pooled.upper, sqrt_down(size)), div_down(pooled.lower, sqrt_up(size))
        return Bound(upper, lower, pooled.method, "exact")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The means of the squares, one axis after the other, then the root."""
        means = self._reduced(node, inputs[0] * inputs[0], lambda x, axis: x.mean(axis=axis))
        return np.asarray(np.sqrt(means + float(node.parameters["epsilon"])), np.float64)

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """A square, a sum of terms that are not negative, divisions and a root."""
        outputs = math.prod(self.shape(node, shapes))
        # The root of the epsilon at each output is what an input of 0 gives.
        offset = mul_up(sqrt_up(float(node.parameters["epsilon"])), sqrt_up(float(outputs)))
        upper = self.bound(node, shapes, False).upper
        return Rounding(math.prod(node.parameters["pool_size"]) + 8, upper, offset, outputs, root=True)


class GlobalNormPooling(WholeImage):
    """√(sum of the squares of all positions + epsilon): 1-Lipschitz."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1 before it."""
        if not node.parameters["epsilon"] >= 0.0:
            raise RefusedError(f"`{node.name}` has an epsilon below 0")
        return super().shape(node, shapes)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The root of the sum."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        squares = np.sum(inputs[0] * inputs[0], axis=axes, keepdims=bool(node.parameters["keepdims"]))
        return np.asarray(np.sqrt(squares + float(node.parameters["epsilon"])), np.float64)

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """A square, a sum of terms that are not negative and a root."""
        offset = mul_up(sqrt_up(float(node.parameters["epsilon"])), sqrt_up(float(shapes[0][-1])))
        return Rounding(math.prod(shapes[0][:-1]) + 8, 1.0, offset, shapes[0][-1], root=True)
