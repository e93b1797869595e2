"""A trained network as a plain Keras model: no lipbuild class is needed to load it."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.building.functional import functional_model
from lipbuild.layers import LipschitzLayer
from lipbuild.network.graph import Graph
from lipbuild.utils.in_float64 import in_float64

__all__ = ["in_float64", "plain_model", "take_weights"]


def plain_model(model: keras.Model, graph: Graph) -> keras.Model:
    """The same function by built-in Keras layers alone, under the graph's names.

    Every constrained layer becomes the built-in one with the kernel that it applies, k and the convolution's
    factor multiplied in; scaled pooling becomes pooling and a `Rescaling`; GroupSort2 a maximum and a minimum.

    Args:
        model: The trained model of the graph.
        graph: The graph that it was built from.

    Returns:
        A functional `keras.Model` with the inputs and outputs of the trained one.
    """
    return functional_model(
        graph, lambda node, inputs: plain_layer_call(model.get_layer(node.name), inputs), model.name
    )


def take_weights(model: keras.Model, plain: keras.Model) -> None:
    """Give a model the weights of a plain one wherever it has a weight of that path: the same bits, not made again."""
    own = {weight.path: weight for weight in plain.weights}
    for weight in model.weights:
        if weight.path in own:
            weight.assign(own[weight.path])


def plain_layer_call(layer: keras.layers.Layer, inputs: Any) -> Any:
    """What the plain form of one layer makes of a tensor, or of several."""
    if isinstance(layer, LipschitzLayer):
        return layer.plain_call(inputs)
    twin = type(layer).from_config(layer.get_config())
    outputs = twin(inputs)
    # Weights that are not trained: those of a resizing.
    twin.set_weights(layer.get_weights())
    return outputs
