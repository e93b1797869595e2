from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class ZeroPadding(Operation):
    """Zeros around; `padding` has (before, after) for each spatial axis."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The longer lengths."""
        padding = node.parameters["padding"]
        if len(padding) != len(shapes[0]) - 1 or any(min(p) < 0 for p in padding):
            raise RefusedError(f"`{node.name}` pads inputs {shapes[0]} by {padding}")
        return (*(n + sum(p) for n, p in zip(shapes[0], padding, strict=False)), shapes[0][-1])

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """With zeros."""
        return np.pad(inputs[0], [(0, 0), *(tuple(p) for p in node.parameters["padding"]), (0, 0)])
