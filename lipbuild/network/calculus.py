"""The Lipschitz calculus: the constant of every node with respect to the network's input, rounded up."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.operations import Step
from lipbuild.network.rounding import mul_up, root_up
from lipbuild.network.shapes import size_of

# A network that reaches this share of what it promises is left as it is.
_NEARLY = 0.99


def propagate(
    nodes: Sequence[GraphNode], share: float = 1.0, given: Mapping[str, float] | None = None
) -> tuple[GraphNode, ...]:
    """The nodes with their gains and bounds, where layers that leave `k_coef_lip` out have `share`.

    A chain multiplies, `Add` sums, `Average` takes the mean, `Concatenate` the root of the sum of squares. Where a
    layer promises something of single inputs, these are followed too: with ν the norm of a node's change where one of
    n inputs changes by 1, its constant is at most √n·ν.

    Args:
        nodes: The nodes, in an order in which they can be computed.
        share: The coefficient of the layers that leave theirs out.
        given: The bounds of what stands before the nodes; 1 for the input where left out.
    """
    bounds: dict[str, float] = {INPUT: 1.0, **(given or {})}
    done: list[GraphNode] = []
    follows = any(node.spec.holds_columns for node in nodes)
    steps: dict[str, Step] = dict.fromkeys(bounds, Step()) if follows else {}
    start, root = _start(nodes, bounds) if follows else (1.0, 1.0)
    for node in nodes:
        spec = node.spec
        if takes_share(node):
            spec = spec.model_copy(update={"k_coef_lip": share})
        sized, of = getattr(spec, "sized", None), getattr(spec, "slopes_of", None)
        if sized is not None and of is not None:
            spec = sized(steps[of].each)
        before = [bounds[name] for name in node.inputs]
        gain = None if spec.merges else spec.gain(node.input_shapes[0])
        bound = spec.merged_bound(node.input_shapes, before) if gain is None else mul_up(gain, before[0])
        step = None
        if follows:
            step = steps[node.name] = spec.step(node.input_shapes, [steps[name] for name in node.inputs])
            bound = min(bound, mul_up(mul_up(root, step.norm), start))
        bounds[node.name] = bound
        done.append(replace(node, spec=spec, gain=gain, bound=bound, step=step))
    return tuple(done)


def _start(nodes: Sequence[GraphNode], given: Mapping[str, float]) -> tuple[float, float]:
    """The greatest constant of what stands before the nodes, and √n for the most values that it has."""
    before = [
        (given[name], size_of(shape))
        for node in nodes
        for name, shape in zip(node.inputs, node.input_shapes)
        if name in given
    ]
    sizes = [math.inf if size is None else size for _, size in before]
    most = max(sizes, default=math.inf)
    return max((bound for bound, _ in before), default=1.0), math.inf if math.isinf(most) else root_up(
        int(most)
    )


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
