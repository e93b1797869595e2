"""Functions of windows and of whole images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.affine_kinds import AveragePooling, pooled_shape
from lipbuild.verifier.floats import SLACK, Array
from lipbuild.verifier.geometry import windows
from lipbuild.verifier.nodes import Kind, Loss, Node, Shape, require


class MaxPooling(AveragePooling):
    """The largest value of each window: √(windows over one input)-Lipschitz."""

    affine = False
    rules = Kind.rules

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The maxima."""
        axes = self.axes(node, xs[0].shape[1:-1])
        views = windows(xs[0], axes, -math.inf)
        return np.asarray(views.max(axis=tuple(range(views.ndim - len(axes), views.ndim))), np.float64)

    def overlaps(self, node: Node, shapes: Sequence[Shape]) -> int:
        """The largest number of windows over one input."""
        count = 1
        for a in self.axes(node, shapes[0][:-1]):
            starts = [j * a.stride - a.left for j in range(a.outputs)]
            count *= max(sum(s <= place < s + a.size for s in starts) for place in range(a.length))
        return count

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """√(windows over one input)."""
        return Fraction(bound) ** 2 >= self.overlaps(node, shapes)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """None."""
        return Loss()


class NormPooling(MaxPooling):
    """√(mean of the squares of a window + epsilon)."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(…, channels)."""
        require(
            node.options["padding"] == "valid" and node.options["epsilon"] >= 0.0,
            node,
            "pads, or has no root",
        )
        return super().shape(node, shapes)

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says."""
        axes = self.axes(node, xs[0].shape[1:-1])
        views = windows(xs[0] * xs[0], axes)
        means = views.mean(axis=tuple(range(views.ndim - len(axes), views.ndim)))
        return np.asarray(np.sqrt(means + node.options["epsilon"]), np.float64)

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """√(windows over one input / inputs of a window), as √(y² + ε) is 1-Lipschitz."""
        return bool(
            Fraction(bound) ** 2 * math.prod(node.options["pool_size"]) >= self.overlaps(node, shapes)
        )

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """Squares, a sum, a division and a root, all relative."""
        size = math.prod(node.options["pool_size"])
        outputs = math.prod(self.shape(node, shapes))
        offset = math.sqrt(node.options["epsilon"] * outputs) * SLACK
        return Loss(size + 8, math.sqrt(self.overlaps(node, shapes) / size) * SLACK, offset, root=True)


class GlobalMaxPooling(Kind):
    """The largest value of each channel."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1."""
        return pooled_shape(node, shapes[0])

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The maxima."""
        return np.asarray(xs[0].max(axis=tuple(range(1, xs[0].ndim - 1)), keepdims=node.options["keepdims"]))


class GlobalNormPooling(GlobalMaxPooling):
    """√(sum of the squares of each channel + epsilon)."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """(channels,), or with axes of length 1."""
        require(node.options["epsilon"] >= 0.0, node, "has no root")
        return super().shape(node, shapes)

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says."""
        squares = (xs[0] * xs[0]).sum(axis=tuple(range(1, xs[0].ndim - 1)), keepdims=node.options["keepdims"])
        return np.asarray(np.sqrt(squares + node.options["epsilon"]), np.float64)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """Squares, a sum and a root, all relative."""
        offset = math.sqrt(node.options["epsilon"] * shapes[0][-1]) * SLACK
        return Loss(math.prod(shapes[0][:-1]) + 8, 1.0, offset, root=True)
