from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lipbuild.certify.verify.errors import RefusedError
from lipbuild.certify.verify.floats import SLACK, TINY, U32, Array, U, gamma

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One operation of a model.

    Args:
        name: unique in its model.
        kind: which of `KINDS` it is.
        inputs: the names of the nodes that it reads.
        options: what it needs besides weights.
        arrays: weights as they are applied, in float64.
    """

    name: str
    kind: str
    inputs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Loss:
    """What computing an operation in floating point loses, and how large its results are.

    |computed − exact| <= γ_{terms+1} (magnitude · ‖x‖ + offset), and ‖f(0)‖ <= offset.

    Args:
        terms: the most roundings in a row that a result goes through; 0 where nothing is rounded.
        magnitude: bounds the norm of the map with |W| for W.
        offset: bounds the norm of what is added.
        served: whether that holds for float32 too, whatever serves it; not so for libraries of elementary functions.
        root: whether a root is taken at the end, under which an underflow weighs more.
    """

    terms: int = 0
    magnitude: float = 1.0
    offset: float = 0.0
    served: bool = True
    root: bool = False

    def fresh(self, size: float, outputs: int, unit: float) -> float:
        """The error that computing adds on inputs of norm `size`, with arithmetic of the given unit roundoff."""
        if math.isinf(size) or (not self.served and unit == U32):
            return math.inf
        if self.terms == 0:
            return 0.0
        lost = gamma(self.terms + 1, unit) * (self.magnitude * size + self.offset)
        smallest = (2.0**-1022 if unit == U else 2.0**-126) * 4.0 * (self.terms + 1)
        return (lost + outputs * (math.sqrt(smallest) if self.root else smallest)) * SLACK + TINY


class Kind(ABC):
    """What is known of all nodes of one kind. Shapes leave the batch axis out; channels are last."""

    # None for any number of inputs; an operation on one has a constant of its own.
    arity: ClassVar[int | None] = 1
    # Whether a node is an affine map of its inputs together.
    affine: ClassVar[bool] = False

    @abstractmethod
    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The shape of the result.

        Raises:
            RefusedError: if the inputs do not fit.
        """

    @abstractmethod
    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The result in float64 for samples."""

    def linear(self, node: Node, xs: Sequence[Array]) -> Array:
        """The result without what an affine map adds."""
        return self.values(node, xs)

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """Whether the Lipschitz constant is proved to be at most the bound; 1 for what moves or chooses values."""
        return bound >= 1.0

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """What computing it loses; nothing for what moves or chooses values."""
        return Loss()

    def together(self, sizes: Sequence[Array]) -> Array:
        """What norms or errors of all inputs come to, before a constant is multiplied."""
        return sizes[0]


def require(condition: bool, node: Node, message: str) -> None:
    """Refuse a node unless something holds of it."""
    if not condition:
        raise RefusedError(node.name, message)
