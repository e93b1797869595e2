"""Operations on several inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lipbuild.certifying.bounds.rounding import div_up, norm_up, sum_up
from lipbuild.certifying.network import NetworkNode
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


class Merge(Operation):
    """An operation on several inputs of one shape."""

    unary = False
    # None for any number of inputs.
    arity: int | None = None

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """That of each input."""
        if len(set(shapes)) != 1 or len(shapes) != (self.arity or len(shapes)):
            raise RefusedError(f"`{node.name}` merges inputs of shapes {list(shapes)}")
        return shapes[0]


class Add(Merge):
    """The sum: constants add up."""

    affine = True

    def combined(self, node: NetworkNode, constants: Sequence[float]) -> float:
        """ΣΛ."""
        return sum_up(constants)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The sum."""
        return np.asarray(np.sum(inputs, axis=0), np.float64)


class Subtract(Add):
    """The difference of two: constants add up."""

    arity = 2

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The difference."""
        return inputs[0] - inputs[1]

    def majorant(self, node: NetworkNode) -> NetworkNode:
        """The sum."""
        return replace(node, kind="add")


class Average(Merge):
    """The mean."""

    affine = True

    def combined(self, node: NetworkNode, constants: Sequence[float]) -> float:
        """The mean of the constants."""
        return div_up(sum_up(constants), float(len(constants)))

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The mean."""
        return np.asarray(np.mean(inputs, axis=0), np.float64)


class Maximum(Merge):
    """The greatest, value by value: |max(a, b) − max(a', b')|² <= |a − a'|² + |b − b'|²."""

    def combined(self, node: NetworkNode, constants: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(constants)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The greatest."""
        return np.asarray(np.max(inputs, axis=0), np.float64)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array]:
        """Between the least and the greatest change of an input."""
        return np.minimum.reduce(list(lows)), np.maximum.reduce(list(highs))


class Minimum(Maximum):
    """The least, value by value."""

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The least."""
        return np.asarray(np.min(inputs, axis=0), np.float64)


class Concatenate(Operation):
    """One after the other along `axis`, counted from 0 without the batch axis or from −1 at the end."""

    affine = True
    unary = False

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The lengths along the axis added up."""
        rank = len(shapes[0])
        axis = node.parameters["axis"] % rank if -rank <= node.parameters["axis"] < rank else rank
        rest = {(*s[:axis], *s[axis + 1 :]) for s in shapes}
        if axis == rank or len(rest) != 1 or {len(s) for s in shapes} != {rank}:
            raise RefusedError(f"`{node.name}` concatenates inputs of shapes {list(shapes)}")
        return (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])

    def combined(self, node: NetworkNode, constants: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(constants)

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """One after the other."""
        axis = node.parameters["axis"]
        return np.concatenate(inputs, axis=axis + 1 if axis >= 0 else axis)
