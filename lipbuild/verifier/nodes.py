from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import LARGEST, SLACK, TINY, U32, Array, U, at_most, gamma

Shape = tuple[int, ...]

# A step that has no constant alone: a square, a sum or a mean of which others make something that has.
STEP = "step"


@dataclass(frozen=True)
class Node:
    """One operation of a model: the one way for its numbers into the verifier.

    Args:
        name: Unique in its model.
        kind: Which of `KINDS` it is.
        inputs: The names of the nodes that it reads.
        options: What it needs besides weights.
        arrays: Weights as they are applied, in float64.
    """

    name: str
    kind: str
    inputs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is not finite, such as a kernel that overflows when it is multiplied by a constant.

        Raises:
            RefusedError: If a number is none.
        """
        for name, array in self.arrays.items():
            require(bool(np.isfinite(array).all()), self, f"has the {name} that is not finite")
        for name, value in self.options.items():
            require(_is_plain(value), self, f"has the option `{name}`: {value!r:.60}, which is not finite")

    @property
    def has_subnormals(self) -> bool:
        """Whether a weight or an option is not 0 and below the least normal float32: it may be served as 0."""
        numbers = [*self.arrays.values(), *(np.array(v) for v in self.options.values() if type(v) is float)]
        return any(bool(np.any((number != 0.0) & (np.abs(number) < 2.0**-126))) for number in numbers)

    def key(self) -> tuple[Any, ...]:
        """All that a proof about the operation alone may depend on; the same for a layer that is called twice."""
        arrays = tuple(
            (name, array.shape, array.dtype.str, hashlib.sha256(array.tobytes()).digest())
            for name, array in sorted(self.arrays.items())
        )
        # The text of what `_is_plain` allows is that of one value alone.
        return self.kind, repr(sorted(self.options.items())), arrays


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_plain(item) for item in value)
    return value is None or type(value) in (str, int, bool) or (type(value) is float and math.isfinite(value))


@dataclass(frozen=True)
class Loss:
    """What computing an operation in floating point loses, and how large its results are.

    |computed − exact| <= γ_{terms+1} (magnitude · ‖x‖ + offset), and ‖f(0)‖ <= offset. That holds while
    nothing overflows: what is computed on the way, partial sums in any order among it, is at most
    max(magnitude, interim) · ‖x‖ + offset + interim_offset in exact arithmetic, or its square where a root is taken.

    Args:
        terms: The most roundings in a row that a result goes through; 0 where nothing is rounded.
        magnitude: Bounds the norm of the map with |W| for W.
        offset: Bounds the norm of what is added.
        served: Whether that holds for float32 too, whatever serves it; not so for libraries of elementary functions.
        root: Whether a root is taken at the end, under which an underflow weighs more.
        interim: As above; values on the way such as a sum that a mean divides.
        interim_offset: As above.
    """

    terms: int = 0
    magnitude: float = 1.0
    offset: float = 0.0
    served: bool = True
    root: bool = False
    interim: float = 1.0
    interim_offset: float = 0.0

    def fresh(self, sizes: Array, outputs: int, unit: float) -> Array:
        """The error that computing adds on inputs of these norms, with arithmetic of the given unit roundoff.

        Infinite where something may overflow, or nothing is known of the arithmetic.
        """
        if not self.served and unit == U32:
            return np.full_like(sizes, math.inf)
        largest = max(self.magnitude, self.interim) * sizes + self.offset + self.interim_offset
        largest = largest * largest if self.root else largest
        lost = np.zeros_like(sizes)
        if self.terms > 0:
            lost = gamma(self.terms + 1, unit) * (self.magnitude * sizes + self.offset)
            smallest = (2.0**-1022 if unit == U else 2.0**-126) * 4.0 * (self.terms + 1)
            lost = (lost + outputs * (math.sqrt(smallest) if self.root else smallest)) * SLACK + TINY
        return np.where(at_most(largest, LARGEST[unit]), lost, math.inf)


class Kind(ABC):
    """What is known of all nodes of one kind. Shapes leave the batch axis out; channels are last."""

    # None for any number of inputs; an operation on one has a constant of its own.
    arity: ClassVar[int | None] = 1
    # Whether a node is an affine map of its inputs together.
    affine: ClassVar[bool] = False
    # The rules by which a bound of its constant may be proved.
    rules: ClassVar[frozenset[str]] = frozenset({"closed form"})

    @abstractmethod
    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The shape of the result.

        Raises:
            RefusedError: If the inputs do not fit.
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

    def changes(
        self, node: Node, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array] | None:
        """Between which two numbers each value changes where those of the inputs change by what is in their intervals.

        Of what is not affine; None where no more is known than the norm.
        """
        return None

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
