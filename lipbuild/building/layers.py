"""From what a config says of a layer to the Keras layer that does it."""

from __future__ import annotations

import keras

from lipbuild import layers as lipschitz
from lipbuild.network.graph_node import GraphNode


def keras_layer(node: GraphNode) -> keras.layers.Layer:
    """The Keras layer of a node: lipbuild's own where there is one of its name, else Keras's.

    A config uses the names and arguments of the classes, so nothing has to be translated.
    """
    cls = getattr(lipschitz, node.kind, None) or getattr(keras.layers, node.kind)
    layer: keras.layers.Layer = cls(name=node.name, **node.spec.arguments())
    return layer
