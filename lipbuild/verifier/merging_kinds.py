"""Operations on several inputs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np

from lipbuild.verifier.floats import Array, root_of_squares
from lipbuild.verifier.nodes import Kind, Loss, Node, Shape, require


class Merge(Kind):
    """What merges tensors of one shape."""

    arity: ClassVar[int | None] = None

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """That of each."""
        require(len(set(shapes)) == 1 and len(shapes) > 1, node, f"merges {list(shapes)}")
        return shapes[0]

    def within(self, constants: Sequence[Fraction], stated: Fraction) -> bool:
        """Whether the result has the stated constant if the inputs have theirs: √ΣΛ²."""
        return sum(c * c for c in constants) <= stated * stated

    def together(self, sizes: Sequence[Array]) -> Array:
        """√Σs²."""
        return root_of_squares(np.stack(sizes, axis=-1))


class Add(Merge):
    """A sum."""

    affine = True

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The sum."""
        return np.asarray(sum(xs), np.float64)

    def within(self, constants: Sequence[Fraction], stated: Fraction) -> bool:
        """ΣΛ."""
        return sum(constants) <= stated

    def together(self, sizes: Sequence[Array]) -> Array:
        """Σs."""
        return np.asarray(sum(sizes), np.float64)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """A few sums, relative to the sum of the norms."""
        return Loss(len(shapes) + 2)


class Subtract(Add):
    """A difference of two."""

    arity = 2

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The difference."""
        return xs[0] - xs[1]


class Average(Add):
    """A mean."""

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The mean."""
        return np.asarray(sum(xs) / float(len(xs)), np.float64)

    def within(self, constants: Sequence[Fraction], stated: Fraction) -> bool:
        """The mean of Λ."""
        return sum(constants) <= stated * len(constants)

    def together(self, sizes: Sequence[Array]) -> Array:
        """The mean of s."""
        return np.asarray(sum(sizes) / float(len(sizes)), np.float64)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """A few sums, which are divided at the end."""
        return Loss(len(shapes) + 3, 1.0 / len(shapes))


class Maximum(Merge):
    """The larger, value by value."""

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The larger."""
        return np.asarray(np.maximum.reduce(list(xs)), np.float64)

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """No less and no more than all inputs do."""
        return np.min(np.stack(lows), axis=0), np.max(np.stack(highs), axis=0)


class Minimum(Merge):
    """The smaller, value by value."""

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The smaller."""
        return np.asarray(np.minimum.reduce(list(xs)), np.float64)

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """No less and no more than all inputs do."""
        return np.min(np.stack(lows), axis=0), np.max(np.stack(highs), axis=0)


class Concatenate(Merge):
    """One after the other along an axis."""

    affine = True

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The lengths added up."""
        axis, rank = node.options["axis"], len(shapes[0])
        require(
            0 <= axis < rank and {len(s) for s in shapes} == {rank},
            node,
            f"joins {list(shapes)} along {axis}",
        )
        require(
            len({s[:axis] + s[axis + 1 :] for s in shapes}) == 1, node, f"joins {list(shapes)} along {axis}"
        )
        return (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """One after the other."""
        return np.concatenate(list(xs), axis=node.options["axis"] + 1)
