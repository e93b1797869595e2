from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT, GraphNode


def functional_model(graph: Graph, call: Callable[[GraphNode, Any], Any], name: str) -> keras.Model:
    """A functional model of a graph.

    Args:
        graph: The graph.
        call: What a node makes of the tensor that it reads, or of the list of them where it merges several.
        name: The model's name.

    Returns:
        A `keras.Model` from `(batch, *input_shape)` to the output, or to a list of outputs.
    """
    inputs = keras.Input(shape=graph.input_shape, name=INPUT)
    tensors: dict[str, Any] = {INPUT: inputs}
    for node in graph.nodes:
        sources = [tensors[source] for source in node.inputs]
        tensors[node.name] = call(node, sources if node.spec.merges else sources[0])
    outputs = [tensors[output] for output in graph.outputs]
    return keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs, name=name)
