from __future__ import annotations

import math
from typing import Any

from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode


def graph_value(graph: Graph) -> dict[str, Any]:
    """A network as a JSON value: its promise, its bound, and each node with its shape and its constants."""
    return {
        "input_shape": list(graph.input_shape),
        "outputs": list(graph.outputs),
        "parameters": graph.parameters,
        "lipschitz": graph.lipschitz,
        "bound": _known(graph.bound),
        **(
            {"target_scale": graph.target_gain if graph.node(graph.target_scale).spec.is_fitted else None}
            if graph.target_scale is not None
            else {}
        ),
        "nodes": [_node(node) for node in graph.nodes],
    }


def _node(node: GraphNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "type": node.kind,
        "inputs": list(node.inputs),
        "shape": list(node.shape),
        "parameters": node.parameters,
        "lipschitz": _known(node.gain),
        "bound": _known(node.bound),
    }


def _known(constant: float | None) -> float | None:
    """A constant; None where none is proved."""
    return constant if constant is not None and math.isfinite(constant) else None
