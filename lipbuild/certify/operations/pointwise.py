"""Operations that choose or bend values: activations, sorting, max pooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.convolution import per_axis
from lipbuild.certify.bounds.geometry import Axis
from lipbuild.certify.bounds.inference_error import Rounding
from lipbuild.certify.bounds.max_pooling import max_pooling
from lipbuild.certify.network import Node
from lipbuild.certify.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError

# name: (constant, whether it is computed without a rounding, the function)
ACTIVATIONS: dict[str, tuple[float, bool, Callable[[Array], Array]]] = {
    "linear": (1.0, True, lambda x: x),
    "relu": (1.0, True, lambda x: np.maximum(x, 0.0)),
    "relu6": (1.0, True, lambda x: np.clip(x, 0.0, 6.0)),
    "abs": (1.0, True, np.abs),
    "hard_tanh": (1.0, True, lambda x: np.clip(x, -1.0, 1.0)),
    "tanh": (1.0, False, np.tanh),
    "softplus": (1.0, False, lambda x: np.logaddexp(x, 0.0)),
    "softsign": (1.0, False, lambda x: x / (1.0 + np.abs(x))),
    "sigmoid": (0.25, False, lambda x: 0.5 * (1.0 + np.tanh(0.5 * x))),
}


class Activation(Operation):
    """A function of each value alone; `slope` is that of a leaky ReLU below 0."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if node.parameters["function"] not in {*ACTIVATIONS, "leaky_relu"}:
            raise RefusedError(
                f"`{node.name}` has the activation `{node.parameters['function']}`, whose constant is not known"
            )
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """The constant of the function."""
        name = node.parameters["function"]
        constant = max(1.0, abs(node.parameters["slope"])) if name == "leaky_relu" else ACTIVATIONS[name][0]
        return Bound(constant, 0.0, "activation", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The function."""
        name = node.parameters["function"]
        if name == "leaky_relu":
            return np.where(inputs[0] >= 0.0, inputs[0], inputs[0] * node.parameters["slope"])
        return np.asarray(ACTIVATIONS[name][2](inputs[0]), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding | None:
        """None where a mathematical library computes it: its error is not documented."""
        name = node.parameters["function"]
        if name == "leaky_relu":
            return Rounding(1, max(1.0, abs(node.parameters["slope"])), 0.0, math.prod(shapes[0]))
        return Rounding() if ACTIVATIONS[name][1] else None


class GroupSort(Operation):
    """Channels sorted in pairs, times a factor; `pairing` is `halves` or `neighbours`."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if not shapes[0] or shapes[0][-1] % 2 or node.parameters["pairing"] not in {"halves", "neighbours"}:
            raise RefusedError(f"`{node.name}` sorts pairs of the channels of inputs {shapes[0]}")
        return shapes[0]

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """A permutation of the values, times the factor."""
        factor = abs(float(node.parameters["factor"]))
        return Bound(factor, factor, "permutation", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """Sort and scale."""
        x = inputs[0]
        if node.parameters["pairing"] == "halves":
            a, b = np.split(x, 2, axis=-1)
            result = np.concatenate([np.maximum(a, b), np.minimum(a, b)], axis=-1)
        else:
            result = np.sort(x.reshape(*x.shape[:-1], -1, 2), axis=-1).reshape(x.shape)
        return np.asarray(result * float(node.parameters["factor"]), np.float64)

    def rounding(self, node: Node, shapes: Sequence[Shape]) -> Rounding:
        """Only the factor rounds."""
        factor = abs(float(node.parameters["factor"]))
        return Rounding() if factor == 1.0 else Rounding(1, factor, 0.0, math.prod(shapes[0]))


class MaxPooling(Operation):
    """The maximum over windows."""

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
        """See `lipbuild.certify.bounds.max_pooling`."""
        p = node.parameters
        return max_pooling(p["pool_size"], shapes[0][:-1], strides=p["strides"], padding=p["padding"])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """One axis after the other."""
        x = inputs[0]
        for i, axis in enumerate(self._axes(node, x.shape[1:])):
            parts = []
            for j in range(axis.outputs):
                start = j * axis.stride - axis.left
                window = slice(max(start, 0), min(start + axis.size, axis.length or 0))
                parts.append(x[(slice(None),) * (i + 1) + (window,)].max(axis=i + 1))
            x = np.stack(parts, axis=i + 1)
        return x


class GlobalMaxPooling(Operation):
    """The maximum over all positions: 1-Lipschitz."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1 before it."""
        if len(shapes[0]) < 2:
            raise RefusedError(f"`{node.name}` pools inputs {shapes[0]}")
        kept = (1,) * (len(shapes[0]) - 1) if node.parameters["keepdims"] else ()
        return (*kept, shapes[0][-1])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The maximum."""
        axes = tuple(range(1, inputs[0].ndim - 1))
        return np.asarray(inputs[0].max(axis=axes, keepdims=bool(node.parameters["keepdims"])), np.float64)
