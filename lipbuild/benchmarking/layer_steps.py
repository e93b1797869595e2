"""A training step of each layer by itself, beside that of the layer that one would have used instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lipbuild.benchmarking.interleaved import Times, interleaved
from lipbuild.benchmarking.plain_twin import twin_call
from lipbuild.building.layers import keras_layer
from lipbuild.config.choices import OptimizerSpec
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.shapes import known_shape
from lipbuild.training.compile import keras_optimizer


def layer_steps(
    graph: Graph, optimizer: OptimizerSpec, batch_size: int, rounds: int
) -> dict[str, dict[str, Times]]:
    """Times of forward, backward and update of each node, on random inputs of the node's shapes.

    Args:
        graph: The network.
        optimizer: What updates the weights, and calls their constraints.
        batch_size: The number of samples.
        rounds: How often the layer and its twin take turns.

    Returns:
        For each node `lipbuild`'s and `plain`'s times.
    """
    return {
        node.name: interleaved(
            {
                "lipbuild": _step(node, keras_layer(node), optimizer, batch_size),
                "plain": _step(node, twin_call(node), optimizer, batch_size),
            },
            rounds,
        )
        for node in graph.nodes
    }


def _step(
    node: GraphNode, call: Callable[[Any], Any], optimizer_spec: OptimizerSpec, batch_size: int
) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    inputs = [keras.Input(shape) for shape in node.input_shapes]
    model = keras.Model(inputs, call(inputs if node.spec.merges else inputs[0]))
    values = [
        tf.constant(rng.random((batch_size, *known_shape(shape))), tf.float32) for shape in node.input_shapes
    ]
    upstream = tf.constant(rng.normal(size=(batch_size, *known_shape(node.shape))), tf.float32)
    optimizer = keras_optimizer(optimizer_spec)
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def step() -> Any:
        weights = model.trainable_variables
        with tf.GradientTape() as tape:
            tape.watch(values)
            outputs = model(values, training=True)
        gradients = tape.gradient(outputs, [*values, *weights], output_gradients=upstream)
        if weights:
            optimizer.apply(gradients[len(values) :], weights)
        return [tf.reshape(t, [-1])[0] for t in [outputs, *gradients[: len(values)]] if t is not None]

    return lambda: step()[0]
