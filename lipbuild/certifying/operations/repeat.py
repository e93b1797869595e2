from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.rounding import sqrt_down, sqrt_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Repeat(Operation):
    """Each value repeated along the spatial axes, `times` for each: up-sampling to the nearest."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The longer lengths."""
        times = node.parameters["times"]
        if len(times) != len(shapes[0]) - 1 or min(times, default=1) < 1:
            raise RefusedError(f"`{node.name}` repeats inputs {shapes[0]} by {times}")
        return (*(n * t for n, t in zip(shapes[0], times, strict=False)), shapes[0][-1])

    def bound(self, node: Node, shapes: Sequence[Shape], exact: bool) -> Bound:
        """√(times): each value counts so often."""
        count = float(math.prod(node.parameters["times"]))
        return Bound(sqrt_up(count), sqrt_down(count), "closed form", "exact")

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """As it says."""
        x = inputs[0]
        for i, times in enumerate(node.parameters["times"]):
            x = np.repeat(x, times, axis=i + 1)
        return x
