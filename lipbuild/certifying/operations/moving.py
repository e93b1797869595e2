"""What moves, repeats or leaves out values; the input, and what has no constant alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.rounding import sqrt_down, sqrt_up
from lipbuild.certifying.network import NetworkNode
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Input(Operation):
    """The network's input."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """As stated."""
        shape = tuple(node.parameters["shape"])
        if not shape or not all(isinstance(n, int) and n > 0 for n in shape):
            raise RefusedError(f"the input `{node.name}` has the shape {shape}, which is not fully known")
        return shape

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The input itself."""
        return inputs[0]


class Identity(Operation):
    """What does nothing at inference, such as dropout."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        return shapes[0]

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The input itself."""
        return inputs[0]


class Reshape(Operation):
    """The same values in the same order in another shape; `shape` is [-1] for flattening."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """As stated, with a single -1 filled in."""
        total, target = math.prod(shapes[0]), list(node.parameters["shape"])
        known = math.prod(n for n in target if n != -1)
        if target.count(-1) == 1 and known > 0 and total % known == 0:
            target[target.index(-1)] = total // known
        if any(n < 1 for n in target) or math.prod(target) != total:
            raise RefusedError(f"`{node.name}` reshapes {shapes[0]} to {node.parameters['shape']}")
        return tuple(target)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """A view."""
        return inputs[0].reshape(inputs[0].shape[0], *self.shape(node, [inputs[0].shape[1:]]))


class Permute(Operation):
    """Axes in another order; `dims` counts from 1, as Keras does."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The permuted shape."""
        dims = list(node.parameters["dims"])
        if sorted(dims) != list(range(1, len(shapes[0]) + 1)):
            raise RefusedError(f"`{node.name}` permutes inputs {shapes[0]} by {dims}")
        return tuple(shapes[0][d - 1] for d in dims)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """A view."""
        return np.transpose(inputs[0], (0, *node.parameters["dims"]))


class Repeat(Operation):
    """Each value repeated along the spatial axes, `times` for each: up-sampling to the nearest."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The longer lengths."""
        times = node.parameters["times"]
        if len(times) != len(shapes[0]) - 1 or min(times, default=1) < 1:
            raise RefusedError(f"`{node.name}` repeats inputs {shapes[0]} by {times}")
        return (*(n * t for n, t in zip(shapes[0], times, strict=False)), shapes[0][-1])

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """√(times): each value counts so often."""
        count = float(math.prod(node.parameters["times"]))
        return Bound(sqrt_up(count), sqrt_down(count), "closed form", "exact")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """As it says."""
        x = inputs[0]
        for i, times in enumerate(node.parameters["times"]):
            x = np.repeat(x, times, axis=i + 1)
        return x


class Slice(Operation):
    """Some of the values; `slices` has a (start, stop, step) for each axis, the batch axis left out."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The lengths of the slices."""
        slices = node.parameters["slices"]
        if len(slices) > len(shapes[0]):
            raise RefusedError(f"`{node.name}` slices inputs {shapes[0]} by {slices}")
        lengths = [len(range(*slice(*s).indices(n))) for s, n in zip(slices, shapes[0], strict=False)]
        if 0 in lengths:
            raise RefusedError(f"`{node.name}` leaves nothing of inputs {shapes[0]}")
        return (*lengths, *shapes[0][len(slices) :])

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """A view."""
        index = (slice(None), *(slice(*s) for s in node.parameters["slices"]))
        return inputs[0][index]


class ZeroPadding(Operation):
    """Zeros around; `padding` has (before, after) for each spatial axis."""

    affine = True

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The longer lengths."""
        padding = node.parameters["padding"]
        if len(padding) != len(shapes[0]) - 1 or any(min(p) < 0 for p in padding):
            raise RefusedError(f"`{node.name}` pads inputs {shapes[0]} by {padding}")
        return (*(n + sum(p) for n, p in zip(shapes[0], padding, strict=False)), shapes[0][-1])

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """With zeros."""
        return np.pad(inputs[0], [(0, 0), *(tuple(p) for p in node.parameters["padding"]), (0, 0)])


class Intermediate(Operation):
    """A step of something that has a constant as a whole, such as the square in an L2 norm; alone it has none.

    Reading a model leaves it out where the whole is recognised.
    """

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """That of what it stands for, as it was read."""
        return tuple(node.parameters["shape"])

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """Refused."""
        raise RefusedError(f"`{node.name}` is a {node.parameters['operation']}, which has no constant alone")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """Refused."""
        raise RefusedError(f"`{node.name}` is a {node.parameters['operation']}, which is not known alone")
