"""By how much each value of a model changes where its input is moved along given directions, whatever the input is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lipbuild.verifier.floats import Array, gamma, root_of_squares
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.merging_kinds import Merge
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Node
from lipbuild.verifier.proofs import norm_at_most

# More than what products that underflow lose in an entry.
_LOST = 2.0**-900

Spans = Sequence[tuple[str, str, float]]


@dataclass(frozen=True)
class Change:
    """The change of a node, over t, where the input moves from x to x + t·v with t > 0: for each v and for every x.

    Args:
        low: a bound of each value from below, (directions, *shape).
        high: a bound from above.
        sizes: Bounds of the norm, (directions,).
        whole: Bounds the norm of the change where the input moves by Σ u_i v_i with ‖u‖ = 1.
        linear: Whether the node is an affine function of the input.
    """

    low: Array
    high: Array
    sizes: Array
    whole: float
    linear: bool

    @property
    def ends(self) -> tuple[Array, Array]:
        """The bounds from below and above."""
        return self.low, self.high

    @property
    def norms(self) -> Array:
        """`sizes`."""
        return self.sizes

    @property
    def greatest(self) -> Array:
        """max(|low|, |high|), (directions, values)."""
        return np.maximum(-self.low, self.high).reshape(len(self.low), -1)


def changes_of_nodes(
    model: Model, gains: Mapping[str, float], spans: Spans, directions: Array, *, whole: bool = False
) -> dict[str, Change]:
    """The change of each node.

    Args:
        model: The model.
        gains: a proved constant of each node on one input.
        spans: Proved constants from one node to another.
        directions: (directions, *input shape).
        whole: Whether `whole` is to be as small as norms of matrices make it.
    """
    shape = model.shapes[model.input.name]
    x = directions.reshape(-1, *shape)
    sizes = _sizes(x)
    found = {model.input.name: Change(x, x, sizes, _whole(x, whole), True)}
    for node in list(model.nodes.values())[1:]:
        change = _change(model, node, [found[name] for name in node.inputs], gains)
        for source, target, upper in spans:
            if target == node.name:
                through = np.nextafter(found[source].sizes * upper, math.inf)
                least = math.nextafter(found[source].whole * upper, math.inf)
                change = _narrowed(change, np.minimum(change.sizes, through), min(change.whole, least))
        if whole and change.linear:
            middle, radius = _middle(change)
            least = math.nextafter(_whole(middle, True) + _size(radius), math.inf)
            change = _narrowed(change, change.sizes, min(change.whole, least))
        found[node.name] = change
    return found


def _change(model: Model, node: Node, inputs: Sequence[Change], gains: Mapping[str, float]) -> Change:
    kind, shape = KINDS[node.kind], model.shapes[node.name]
    if isinstance(kind, Merge):
        # A few roundings of sums and roots of numbers that are not negative.
        room = 1.0 + gamma(len(inputs) + 8)
        sizes = kind.together([one.sizes for one in inputs]) * room
        whole = float(kind.together([np.array([one.whole]) for one in inputs])[0]) * room
    else:
        gain = gains[node.name]
        sizes = np.nextafter(inputs[0].sizes * gain, math.inf)
        whole = math.nextafter(inputs[0].whole * gain, math.inf)
    ends = (
        _affine(model, node, inputs)
        if kind.affine
        else kind.changes(node, [one.low for one in inputs], [one.high for one in inputs])
    )
    if ends is None:
        wide = np.broadcast_to(_beside(sizes, len(shape)), (len(sizes), *shape))
        return Change(-wide, np.array(wide), sizes, whole, False)
    low, high = ends
    if node.kind == "dense":
        # By Cauchy and Schwarz.
        rows = _sizes(node.arrays["kernel"].T)
        most = np.nextafter(_beside(inputs[0].sizes, low.ndim - 1) * rows, math.inf)
        low, high = np.maximum(low, -most), np.minimum(high, most)
    linear = kind.affine and all(one.linear for one in inputs)
    change = Change(low, high, sizes, whole, linear)
    return _narrowed(change, np.minimum(sizes, _sizes(change.greatest)), min(whole, _size(change.greatest)))


def _narrowed(change: Change, sizes: Array, whole: float) -> Change:
    """No value changes by more than the norm of all."""
    wide = _beside(sizes, change.low.ndim - 1)
    return Change(np.maximum(change.low, -wide), np.minimum(change.high, wide), sizes, whole, change.linear)


def _affine(model: Model, node: Node, inputs: Sequence[Change]) -> tuple[Array, Array]:
    """The image of the middle, and that of what surrounds it by the magnitudes of the weights."""
    kind = KINDS[node.kind]
    lost = gamma(kind.loss(node, model.read_by(node)).terms + len(inputs) + 4)
    middles, around = zip(*(_middle(one) for one in inputs), strict=True)
    image = kind.linear(node, middles)
    reach = [np.abs(m) * lost + r * (1.0 + lost) for m, r in zip(middles, around, strict=True)]
    radius = _by_magnitudes(node, reach) * (1.0 + lost) + _LOST
    return np.nextafter(image - radius, -math.inf), np.nextafter(image + radius, math.inf)


def _by_magnitudes(node: Node, xs: Sequence[Array]) -> Array:
    """An affine map with the magnitudes of its weights for them, and without what it adds."""
    kind = KINDS[node.kind]
    if node.kind == "centering":
        mean = xs[0].mean(axis=tuple(a + 1 for a in node.options["axes"]), keepdims=True)
        return np.asarray(xs[0] + mean, np.float64)
    if node.kind == "subtract":
        return xs[0] + xs[1]
    arrays = {name: np.abs(array) for name, array in node.arrays.items()}
    return np.asarray(
        kind.linear(Node(node.name, node.kind, node.inputs, node.options, arrays), xs), np.float64
    )


def _middle(change: Change) -> tuple[Array, Array]:
    """The middle of each interval, and a bound of how far its ends are from it."""
    middle = 0.5 * change.low + 0.5 * change.high
    radius = np.maximum(change.high - middle, middle - change.low)
    return middle, np.where(change.low == change.high, 0.0, np.nextafter(radius, math.inf))


def _whole(matrix: Array, closely: bool) -> float:
    """A bound of the norm of a matrix of rows: nearly the norm itself, of which a guess is proved; else Frobenius's."""
    rows = matrix.reshape(len(matrix), -1)
    frobenius = _size(rows)
    if closely and np.isfinite(rows).all():
        guess = float(np.linalg.norm(rows, 2)) * (1.0 + 1e-11) + _LOST
        if guess < frobenius and norm_at_most(rows[None], guess):
            return guess
    return frobenius


def _sizes(x: Array) -> Array:
    """Bounds of the norms of the rows."""
    flat = x.reshape(len(x), -1)
    # Half of γ is what the root keeps of the squares' error; the rest is for the root and the scaling.
    bounds = root_of_squares(flat) * (1.0 + gamma(flat.shape[1] + 8))
    return np.asarray(np.nextafter(bounds, math.inf) + _LOST, np.float64)


def _size(x: Array) -> float:
    """A bound of the norm of all entries."""
    return float(_sizes(x.reshape(1, -1))[0])


def _beside(sizes: Array, axes: int) -> Array:
    return sizes.reshape(-1, *(1,) * axes)
