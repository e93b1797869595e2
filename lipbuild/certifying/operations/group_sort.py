from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class GroupSort(Operation):
    """Channels sorted in groups: `size` neighbours ascending, or halves as (max, min)."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        size, pairing = node.parameters["size"], node.parameters["pairing"]
        fits = pairing == "neighbours" or (pairing == "halves" and size == 2)
        if not shapes[0] or size < 1 or shapes[0][-1] % size or not fits:
            raise RefusedError(
                f"`{node.name}` sorts groups of {size} {pairing} of the channels of inputs {shapes[0]}"
            )
        return shapes[0]

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """Sort."""
        x = inputs[0]
        if node.parameters["pairing"] == "halves":
            a, b = np.split(x, 2, axis=-1)
            return np.concatenate([np.maximum(a, b), np.minimum(a, b)], axis=-1)
        groups = x.reshape(*x.shape[:-1], -1, node.parameters["size"])
        return np.sort(groups, axis=-1).reshape(x.shape)
