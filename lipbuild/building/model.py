from __future__ import annotations

import keras
import numpy as np

from lipbuild.building.functional import functional_model
from lipbuild.building.layers import keras_layer
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph


def build_model(graph: Graph, name: str = "model") -> keras.Model:
    """The Keras model of a graph: functional, one layer a node, under the nodes' names.

    Its weights start on the constraint, so the graph's Lipschitz bound holds before any training.

    Args:
        graph: The graph of a config that has been checked.
        name: The model's name.

    Returns:
        A `keras.Model` from `(batch, *input_shape)` to the output, or to a list of outputs.

    Raises:
        RefusedError: A step of its preprocessing or the scale of its targets is still to be taken from its data.
    """
    if not graph.is_fitted:
        raise RefusedError(
            "the preprocessing of this config, or the scale of its targets, is taken from its training data, which has "
            "not been read",
            "train it, or write `mean` and `variance` into `data.preprocess`, `mean` and `deviation` into "
            "`data.target_scale`",
        )
    model = functional_model(graph, lambda node, inputs: keras_layer(node)(inputs), name)
    for node in graph.nodes:
        weights = node.spec.fixed_weights()
        if weights:
            model.get_layer(node.name).set_weights([np.asarray(values, np.float32) for values in weights])
    return model
