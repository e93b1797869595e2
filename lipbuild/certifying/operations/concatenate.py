from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.rounding import norm_up
from lipbuild.certifying.network import Node
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Concatenate(Operation):
    """One after the other along `axis`, counted from 0 without the batch axis or from −1 at the end."""

    affine = True
    unary = False

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The lengths along the axis added up."""
        rank = len(shapes[0])
        axis = node.parameters["axis"] % rank if -rank <= node.parameters["axis"] < rank else rank
        rest = {(*s[:axis], *s[axis + 1 :]) for s in shapes}
        if axis == rank or len(rest) != 1 or {len(s) for s in shapes} != {rank}:
            raise RefusedError(f"`{node.name}` concatenates inputs of shapes {list(shapes)}")
        return (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])

    def combined(self, node: Node, constants: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(constants)

    def forward(self, node: Node, inputs: Sequence[Array]) -> Array:
        """One after the other."""
        axis = node.parameters["axis"]
        return np.concatenate(inputs, axis=axis + 1 if axis >= 0 else axis)
