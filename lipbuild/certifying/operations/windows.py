"""What the operations on windows share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lipbuild.certifying.bounds.convolution import per_axis
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Windows(Operation):
    """An operation on windows of each channel, one spatial axis after the other."""

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

    def _reduced(self, node: Node, x: Array, reduce: Callable[[Array, int], Array]) -> Array:
        for i, axis in enumerate(self._axes(node, x.shape[1:])):
            parts = []
            for j in range(axis.outputs):
                start = j * axis.stride - axis.left
                window = slice(max(start, 0), min(start + axis.size, axis.length or 0))
                parts.append(reduce(x[(slice(None),) * (i + 1) + (window,)], i + 1))
            x = np.stack(parts, axis=i + 1)
        return x
