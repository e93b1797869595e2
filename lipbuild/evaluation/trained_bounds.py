"""The constants of trained weights, proved, composed over the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.evaluation.kernel_bounds import KERNEL_BOUNDS, WEIGHT_FREE, Kernel, promised_norm
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.rounding import mul_up
from lipbuild.network.specs.kernels import ConstrainedSpec

# What a norm may be above its layer's promise, relative to it.
EXCESS = 1e-6


def prove(graph: Graph, kernels: Mapping[str, Kernel], *, excess: float = EXCESS) -> Graph:
    """The graph with the gains and bounds that its trained weights really have, each a proved upper bound.

    Args:
        graph: The graph of the config.
        kernels: The weights that each layer of `KERNEL_BOUNDS` applies, its coefficient multiplied in: see
            `applied_kernels`.
        excess: How far a kernel's norm may be above what its layer promises, relative to it.

    Raises:
        RefusedError: Weights are not finite, or exceed what their layer promises, or a layer has weights and
            no proof.
    """
    bounds = {INPUT: 1.0}
    nodes = []
    for node in graph.nodes:
        before = [bounds[name] for name in node.inputs]
        gain = node.gain
        if node.kind in KERNEL_BOUNDS:
            gain = _gain(node, kernels, excess)
            bound = mul_up(gain, before[0])
        elif node.parameters == 0 or node.kind in WEIGHT_FREE:
            bound = node.spec.merged_bound(node.input_shapes, before)
        else:
            raise RefusedError(
                f"`{node.name}` is a `{node.kind}`, whose trained weights have no proved constant"
            )
        bounds[node.name] = bound
        nodes.append(replace(node, gain=gain, bound=bound))
    return replace(graph, nodes=tuple(nodes))


def _gain(node: GraphNode, kernels: Mapping[str, Kernel], excess: float) -> float:
    rule = KERNEL_BOUNDS[node.kind]
    if not all(np.isfinite(kernels[name]).all() for name in rule.names(node)):
        raise RefusedError(f"the kernel of `{node.name}` holds values that are not finite")
    norm = rule.proved(node, kernels)
    promised = promised_norm(node)
    if not norm <= promised * (1.0 + excess):
        raise RefusedError(
            f"the kernel of `{node.name}` has a norm of up to {norm:.9g}, and its layer promises {promised:.9g}",
            "its weights were changed after the training; train again",
        )
    return mul_up(norm, node.spec.activation_constant) if isinstance(node.spec, ConstrainedSpec) else norm
