"""From what a config says of a layer to the Keras layer that does it."""

from __future__ import annotations

import keras

from lipbuild import layers as lipschitz
from lipbuild.network.graph_node import GraphNode
from lipbuild.plugins import load_named


def keras_layer(node: GraphNode) -> keras.layers.Layer:
    """The Keras layer of a node: that of the package that brings it, lipbuild's own of its name, or Keras's.

    A config uses the names and arguments of the classes, so nothing has to be translated.
    """
    brought = node.spec.keras_class
    if brought:
        cls = load_named(brought, f"the Keras class of `{node.kind}`")
    else:
        cls = getattr(lipschitz, node.kind, None) or getattr(keras.layers, node.kind)
    layer: keras.layers.Layer = cls(name=node.name, **node.spec.arguments())
    return layer
