from __future__ import annotations

from dataclasses import dataclass, replace

import keras

from lipbuild.building.functional import functional_model
from lipbuild.building.plain import plain_model, take_weights
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT


@dataclass(frozen=True)
class Divided:
    """A network in two: what prepares its data, and the rest.

    Attributes:
        prepare: The model of the preprocessing.
        model: The model of the rest, with the layers of the whole.
        plain: Its plain form, with the weights of that of the whole.
        graph: The graph of the rest. Its constants are still those with respect to the data as it is given; they
            are proved anew from the weights.
    """

    prepare: keras.Model
    model: keras.Model
    plain: keras.Model
    graph: Graph


def without_preprocessing(model: keras.Model, plain: keras.Model, graph: Graph) -> Divided | None:
    """A trained network divided after its preprocessing; None where it has none.

    Args:
        model: The trained model of the graph.
        plain: Its plain form.
        graph: The graph that it was built from.
    """
    start: str = getattr(graph, "preprocessed", INPUT)
    if start == INPUT:
        return None
    names = [node.name for node in graph.nodes]
    rest = graph.nodes[names.index(start) + 1 :]
    nodes = tuple(
        replace(node, inputs=tuple(INPUT if source == start else source for source in node.inputs))
        for node in rest
    )
    after = replace(graph, input_shape=graph.node(start).shape, nodes=nodes, preprocessed=INPUT)
    divided = functional_model(after, lambda node, inputs: model.get_layer(node.name)(inputs), model.name)
    own = plain_model(divided, after)
    take_weights(own, plain)
    return Divided(keras.Model(model.input, model.get_layer(start).output), divided, own, after)
