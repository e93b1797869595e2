from __future__ import annotations

import keras

from lipbuild.build.layers import keras_layer
from lipbuild.spec.graph import INPUT, Graph


def build_model(graph: Graph, name: str = "model") -> keras.Model:
    """The Keras model of a graph: functional, one layer a node, under the nodes' names.

    Its weights start on the constraint, so the graph's Lipschitz bound holds before any training.

    Args:
        graph: The graph of a config that has been checked.
        name: The model's name.

    Returns:
        A `keras.Model` from `(batch, *input_shape)` to the output, or to a list of outputs.
    """
    inputs = keras.Input(shape=graph.input_shape, name=INPUT)
    tensors = {INPUT: inputs}
    for node in graph.nodes:
        sources = [tensors[source] for source in node.inputs]
        tensors[node.name] = keras_layer(node)(sources if node.spec.merges else sources[0])
    outputs = [tensors[output] for output in graph.outputs]
    return keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs, name=name)
