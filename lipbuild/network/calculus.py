"""The Lipschitz calculus: the constant of every node with respect to the network's input, rounded up."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.rounding import mul_up

# A network that reaches this share of what it promises is left as it is.
_NEARLY = 0.99


def propagate(
    nodes: Sequence[GraphNode], share: float = 1.0, given: Mapping[str, float] | None = None
) -> tuple[GraphNode, ...]:
    """The nodes with their gains and bounds, where layers that leave `k_coef_lip` out have `share`.

    A chain multiplies, `Add` sums, `Average` takes the mean, `Concatenate` the root of the sum of squares.

    Args:
        nodes: The nodes, in an order in which they can be computed.
        share: The coefficient of the layers that leave theirs out.
        given: The bounds of what stands before the nodes; 1 for the input where left out.
    """
    bounds: dict[str, float] = {INPUT: 1.0, **(given or {})}
    done: list[GraphNode] = []
    for node in nodes:
        spec = node.spec
        if takes_share(node):
            spec = spec.model_copy(update={"k_coef_lip": share})
        before = [bounds[name] for name in node.inputs]
        gain = None if spec.merges else spec.gain(node.input_shapes[0])
        bound = spec.merged_bound(node.input_shapes, before) if gain is None else mul_up(gain, before[0])
        bounds[node.name] = bound
        done.append(replace(node, spec=spec, gain=gain, bound=bound))
    return tuple(done)


def takes_share(node: GraphNode) -> bool:
    """Whether the node's coefficient is left to the network's constant."""
    return node.spec.shares_budget and getattr(node.spec, "k_coef_lip", None) is None


def greatest_share(
    nodes: Sequence[GraphNode],
    outputs: Sequence[str],
    lipschitz: float,
    given: Mapping[str, float] | None = None,
) -> float | None:
    """The greatest float32 coefficient with which no output exceeds `lipschitz`.

    The bound grows with the coefficient, and positive float32 numbers are in the order of their bits, so
    a bisection over the bits ends in at most 31 steps at the very number. 1 where no node takes a share, or
    where with 1 the network reaches what it promises within a hundredth; None where not even the least
    coefficient will do.
    """
    if not any(takes_share(node) for node in nodes):
        return 1.0
    # Nothing worth sharing is left: the layers keep the plain coefficient 1.
    if _NEARLY * lipschitz <= _bound(nodes, outputs, 1.0, given) <= lipschitz:
        return 1.0
    low, high = 1, 0x7F000000
    if not _fits(nodes, outputs, lipschitz, _float32(low), given):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(nodes, outputs, lipschitz, _float32(middle), given):
            low = middle
        else:
            high = middle
    return _float32(low)


def _bound(
    nodes: Sequence[GraphNode], outputs: Sequence[str], share: float, given: Mapping[str, float] | None
) -> float:
    bounds: Mapping[str, float] = {node.name: node.bound for node in propagate(nodes, share, given)}
    return max(bounds[name] for name in outputs)


def _fits(
    nodes: Sequence[GraphNode],
    outputs: Sequence[str],
    lipschitz: float,
    share: float,
    given: Mapping[str, float] | None,
) -> bool:
    # A bound that is not a number fits nothing.
    return _bound(nodes, outputs, share, given) <= lipschitz


def _float32(bits: int) -> float:
    value: float = struct.unpack("<f", struct.pack("<I", bits))[0]
    return value
