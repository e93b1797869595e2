"""How far the outputs move where the input moves in one direction: bounds from below and above, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.bounds.frobenius import frobenius_up, norms_up
from lipbuild.certifying.bounds.room import ROUNDED
from lipbuild.certifying.bounds.rounding import add_up, down, gamma, mul_up, up
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.operations import OPERATIONS
from lipbuild.certifying.operations.operation import Array
from lipbuild.certifying.span import NetworkSpan

Spans = Sequence[tuple[str, str, float]]

# What products that underflow may lose in an entry.
_TINY = 2.0**-890
# Of more inputs the constant is not looked for input by input.
_INPUTS = 256


@dataclass(frozen=True)
class Slopes:
    """Where in [low, high]·t the change of a node lies when the input moves from any x to x + t·v, t > 0.

    Attributes:
        low: (directions, *shape), one row for each v.
        high: The same.
        norms: (directions,), upper bounds of the L2 norms of the changes, over t.
        joint: An upper bound of the L2 norm of the change where the input moves by Σ u_i v_i with ‖u‖₂ = 1.
        affine: Whether the node is an affine function of the input, which changes by the same wherever it is.
    """

    low: Array
    high: Array
    norms: Array
    joint: float
    affine: bool = False

    @property
    def magnitudes(self) -> Array:
        """(directions, values), the greater of |low| and |high|."""
        size = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.asarray(size.reshape(len(size), -1), np.float64)


def slopes(
    network: Network, gains: Mapping[str, float], spans: Spans, directions: Array, *, jointly: bool = True
) -> Slopes:
    """The slopes of the output in some directions of the input, for all inputs; see `slopes_of_nodes`."""
    return slopes_of_nodes(network, gains, spans, directions, jointly=jointly)[network.output]


def slopes_of_nodes(
    network: Network, gains: Mapping[str, float], spans: Spans, directions: Array, *, jointly: bool = True
) -> dict[str, Slopes]:
    """The slopes of each node in some directions of the input, for all inputs.

    The change of each node is enclosed from that of the nodes that it reads: by the weights of an affine map, by the
    least and the greatest slope of an activation, by the changes of what is sorted. It is no larger than its norm
    either, of which the constant of an operation or of a span bounds the growth.

    Args:
        network: The network.
        gains: An upper bound of the constant of each operation on one input.
        spans: Sources, targets and upper bounds of the constants of spans.
        directions: (directions, *input shape), each v.
        jointly: Whether `joint` is worth the norms of matrices.
    """
    first = network.nodes[0].name
    flat = directions.reshape(len(directions), -1)
    joint = dense(flat).upper if jointly else frobenius_up(flat)
    known = {first: Slopes(directions, directions, norms_up(directions), joint, affine=True)}
    for node in network.nodes[1:]:
        inputs = [known[name] for name in node.inputs]
        operation = OPERATIONS[node.kind]
        enclosed = (
            _affine(node, inputs)
            if operation.affine
            else operation.changes(node, [one.low for one in inputs], [one.high for one in inputs])
        )
        norms, joint = _norms(node, inputs, gains)
        for source, target, upper in spans:
            if target == node.name:
                norms = np.minimum(norms, up(known[source].norms * upper))
                joint = min(joint, mul_up(known[source].joint, upper))
        found = _enclosed(node, enclosed, norms, joint, inputs)
        if operation.affine and all(one.affine for one in inputs):
            found = _as_affine(found, jointly=jointly)
        known[node.name] = found
    return known


def slopes_span(
    network: Network, bounds: Mapping[str, Bound], spans: Spans, shapes: Mapping[str, tuple[int, ...]]
) -> NetworkSpan | None:
    """‖S‖₂ from a vector to a vector, S the greatest sizes of the slopes of each output in each input.

    A step can be taken one input after the other, so that the output o changes by at most Σ_i S_oi |Δx_i|.

    Args:
        network: The network.
        bounds: The proved constant of each operation on one input.
        spans: Sources, targets and upper bounds of the constants of other spans.
        shapes: The shape of each node.

    Returns:
        The span; None where there are many inputs or no vectors.
    """
    source, target = network.nodes[0].name, network.output
    count = shapes[source][0]
    if len(shapes[source]) > 1 or len(shapes[target]) > 1 or count > _INPUTS or source == target:
        return None
    found = slopes(
        network, {name: one.upper for name, one in bounds.items()}, spans, np.eye(count), jointly=False
    )
    if not np.isfinite(found.magnitudes).all():
        return None
    bound = dense(found.magnitudes)
    # The verifier's gains are larger by their rooms.
    room = sum(max(one.room, ROUNDED) for one in bounds.values()) + 2.0**-33
    return NetworkSpan(
        source, target, replace(bound, lower=0.0, method="slopes", level="float64", room=room, hint={})
    )


def _affine(node: NetworkNode, inputs: Sequence[Slopes]) -> tuple[Array, Array] | None:
    """W applied to an interval: to its middle, and |W| to its radius and to what rounding may lose."""
    operation = OPERATIONS[node.kind]
    linear, majorant = operation.homogeneous(node), operation.majorant(node)
    middles = [0.5 * one.low + 0.5 * one.high for one in inputs]
    radii = [
        up(np.maximum(up(one.high - middle), up(middle - one.low)))
        if not np.array_equal(one.low, one.high)
        else np.zeros_like(middle)
        for one, middle in zip(inputs, middles, strict=True)
    ]
    rounding = operation.rounding(node, [middle.shape[1:] for middle in middles])
    if rounding is None:
        return None
    # Twice what is lost at most, for the roundings of the magnitudes themselves.
    fresh = 2.0 * gamma(2 * (rounding.roundings + len(inputs)) + 8)
    widened = [
        np.abs(middle) * fresh + radius * (1.0 + fresh) for middle, radius in zip(middles, radii, strict=True)
    ]
    image = operation.forward(linear, middles)
    radius = OPERATIONS[majorant.kind].forward(majorant, widened) + _TINY
    return down(image - radius), up(image + radius)


def _norms(node: NetworkNode, inputs: Sequence[Slopes], gains: Mapping[str, float]) -> tuple[Array, float]:
    """The norms of the changes, by the constants of the operations."""
    operation = OPERATIONS[node.kind]
    if operation.unary:
        gain = gains[node.name]
        return up(inputs[0].norms * gain), mul_up(inputs[0].joint, gain)
    each = [
        operation.combined(node, list(row))
        for row in zip(*(one.norms.tolist() for one in inputs), strict=True)
    ]
    return np.array(each), operation.combined(node, [one.joint for one in inputs])


def _enclosed(
    node: NetworkNode,
    enclosed: tuple[Array, Array] | None,
    norms: Array,
    joint: float,
    inputs: Sequence[Slopes],
) -> Slopes:
    """An enclosure and the norms, each made no wider than the other allows."""
    if enclosed is None:
        shape = OPERATIONS[node.kind].shape(node, [one.low.shape[1:] for one in inputs])
        wide = np.broadcast_to(norms.reshape(-1, *(1,) * len(shape)), (len(norms), *shape))
        return Slopes(-wide, np.asarray(wide, np.float64), norms, joint)
    low, high = enclosed
    if node.kind == "dense":
        # Cauchy and Schwarz: an output changes by no more than the norm of its weights times that of the change.
        weights = norms_up(exact_float64(node.arrays["kernel"]).T)
        most = up(inputs[0].norms.reshape(-1, *(1,) * (low.ndim - 1)) * weights)
        low, high = np.maximum(low, -most), np.minimum(high, most)
    found = Slopes(low, high, norms, joint)
    norms = np.minimum(norms, norms_up(found.magnitudes))
    joint = min(joint, frobenius_up(found.magnitudes))
    wide = norms.reshape(-1, *(1,) * (low.ndim - 1))
    return Slopes(np.maximum(low, -wide), np.minimum(high, wide), norms, joint)


def _as_affine(found: Slopes, *, jointly: bool) -> Slopes:
    """With the norm of the matrix whose rows are the changes."""
    joint = found.joint
    if jointly:
        middle = (0.5 * found.low + 0.5 * found.high).reshape(len(found.low), -1)
        low, high = found.low.reshape(middle.shape), found.high.reshape(middle.shape)
        radius = up(np.maximum(high - middle, middle - low))
        joint = min(joint, add_up(dense(middle).upper, frobenius_up(radius)))
    return replace(found, joint=joint, affine=True)
