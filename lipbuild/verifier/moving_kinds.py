"""Operations that move values, leave some out or put zeros between them: constant 1, and nothing is rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.verifier.floats import Array
from lipbuild.verifier.nodes import Kind, Node, Shape, require


class Input(Kind):
    """What the model reads."""

    arity = 0

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """As it is configured, all known."""
        shape = tuple(node.options["shape"])
        require(
            len(shape) > 0 and all(type(n) is int and n > 0 for n in shape), node, f"has the shape {shape}"
        )
        return shape

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """Itself."""
        return xs[0]


class Identity(Kind):
    """What does nothing at inference."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """Itself."""
        return xs[0]


class Reshape(Kind):
    """The same values in the same order in another shape, in which one −1 may be filled in."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """As it is configured."""
        wanted, total = list(node.options["shape"]), math.prod(shapes[0])
        known = math.prod(n for n in wanted if n != -1)
        if wanted.count(-1) == 1 and known > 0:
            wanted[wanted.index(-1)] = total // known
        require(
            all(n > 0 for n in wanted) and math.prod(wanted) == total,
            node,
            f"reshapes {shapes[0]} to {wanted}",
        )
        return tuple(wanted)

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """A reshape."""
        return xs[0].reshape(len(xs[0]), *self.shape(node, [xs[0].shape[1:]]))


class Permute(Kind):
    """Axes in another order, counted from 1 as the batch axis is 0."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """In that order."""
        dims = node.options["dims"]
        require(sorted(dims) == list(range(1, len(shapes[0]) + 1)), node, f"permutes {shapes[0]} by {dims}")
        return tuple(shapes[0][d - 1] for d in dims)

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """A transposition."""
        return np.transpose(xs[0], (0, *node.options["dims"]))


class Slice(Kind):
    """Some values of each axis, by (start, stop, step)."""

    affine = True

    def ranges(self, node: Node, shape: Shape) -> list[range]:
        """The places of each axis that are read."""
        slices = node.options["slices"]
        require(len(slices) <= len(shape), node, f"slices {shape}")
        everything = [*slices, *[(None, None, None)] * (len(shape) - len(slices))]
        return [range(*slice(*s).indices(n)) for s, n in zip(everything, shape, strict=True)]

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The numbers of places."""
        lengths = tuple(len(places) for places in self.ranges(node, shapes[0]))
        require(0 not in lengths, node, f"leaves nothing of {shapes[0]}")
        return lengths

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """What is there."""
        index = [slice(None), *(slice(*s) for s in node.options["slices"])]
        return xs[0][tuple(index)]


class ZeroPadding(Kind):
    """Zeros before and after, along each spatial axis."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The longer lengths."""
        pairs = node.options["padding"]
        fits = len(pairs) == len(shapes[0]) - 1 and all(min(p) >= 0 for p in pairs)
        require(fits, node, f"pads {shapes[0]} by {pairs}")
        return (*(n + a + b for n, (a, b) in zip(shapes[0], pairs, strict=False)), shapes[0][-1])

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """With zeros."""
        return np.pad(xs[0], [(0, 0), *node.options["padding"], (0, 0)])
