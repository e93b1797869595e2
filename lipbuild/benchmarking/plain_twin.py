"""The network that one would have written without Lipschitz layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lipbuild.building.functional import functional_model
from lipbuild.building.layers import keras_layer
from lipbuild.layers import LipschitzLayer
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.operations import MaxMin, ResidualContraction
from lipbuild.network.shapes import known_shape


def plain_twin(graph: Graph, name: str = "plain") -> keras.Model:
    """The same network in plain Keras: unconstrained kernels, ReLU for sorting, plain pooling, x + f(x) for blocks.

    Args:
        graph: The graph of a config that has been checked.
        name: The model's name.

    Returns:
        An untrained functional `keras.Model` with the inputs, the shapes and nearly the number of weights of the
        network that `lipbuild.build` makes.
    """
    return functional_model(graph, lambda node, inputs: twin_call(node)(inputs), name)


def twin_call(node: GraphNode) -> Callable[[Any], Any]:
    """What one would have written in the place of a node."""
    facts, arguments = node.spec.facts, node.spec.arguments()
    operation, *_ = node.spec.lower(*node.input_shapes)
    if isinstance(operation, ResidualContraction):
        return _block(operation, known_shape(node.shape)[-1])
    if isinstance(operation, MaxMin):
        return lambda x: keras.layers.ReLU()(keras.layers.Concatenate()([x, x]))
    if not facts.keras:
        layer = keras_layer(node)
        # Without weights to constrain, the layer's own plain form is what one would have written.
        return _plain_form(layer) if isinstance(layer, LipschitzLayer) else layer
    kept = {key: arguments[key] for key in facts.shared if key in arguments}
    if kept.get("padding") not in ("same", "valid", None):
        kept["padding"] = "same"  # the other paddings are a layer of their own before the convolution
    plain: keras.layers.Layer = getattr(keras.layers, facts.keras)(name=node.name, **kept)
    return plain


def _plain_form(layer: Any) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        if not layer.built:
            layer.build(x.shape)
        return layer.plain_call(x)

    return call


def _block(block: ResidualContraction, size: int) -> Callable[[Any], Any]:
    """x + f(x) with an f of two layers."""

    def layer(units: int, activation: str | None) -> keras.layers.Layer:
        if block.kernel_size is None:
            return keras.layers.Dense(units, activation=activation)
        return keras.layers.Conv2D(units, block.kernel_size, padding="same", activation=activation)

    return lambda x: keras.layers.Add()([x, layer(size, None)(layer(block.hidden or size, "relu")(x))])
