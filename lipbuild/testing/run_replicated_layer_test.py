"""Training of a layer on several replicas."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lipbuild.testing.inputs import Shapes, as_list, like, model_of, samples
from lipbuild.testing.run_lipschitz_layer_test import check_constant


def run_replicated_layer_test(
    strategy: Any, layer_class: Any, init_kwargs: dict[str, Any], input_shape: Shapes
) -> None:
    """Check that the replicas of a layer learn the same weights, and keep its constant, in a step of SGD at 10.

    Args:
        strategy: a `tf.distribute.MirroredStrategy` with at least two replicas.
        layer_class: The class.
        init_kwargs: Its arguments.
        input_shape: The shape of its input without the batch, or a list of them.

    Raises:
        AssertionError: The replicas differ, a gradient is lost, or the constant is exceeded.
    """
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    replicas = strategy.num_replicas_in_sync
    with strategy.scope():
        layer = layer_class(**init_kwargs)
        model = model_of(layer, input_shape)
        optimizer = keras.optimizers.SGD(10.0)
        optimizer.build(model.trainable_variables)
    before = [np.asarray(w) for w in layer.trainable_weights]

    def step(*inputs: Any) -> None:
        with tf.GradientTape() as tape:
            outputs = model(like(input_shape, list(inputs)), training=True)
            loss = tf.reduce_mean(tf.square(outputs - 1.0))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    def part(values: np.ndarray) -> Any:
        size = len(values) // replicas
        return strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(
                values[
                    context.replica_id_in_sync_group * size : (context.replica_id_in_sync_group + 1) * size
                ]
            )
        )

    x = samples(input_shape, batch=4 * replicas)
    if model.trainable_variables:
        strategy.run(step, args=tuple(part(v) for v in (x if len(as_list(input_shape)) > 1 else [x])))
    for old, weight in zip(before, layer.trainable_weights, strict=True):
        copies = [np.asarray(copy) for copy in strategy.experimental_local_results(weight.value)]
        assert len(copies) == replicas
        assert all(np.array_equal(copy, copies[0]) for copy in copies), weight.path
        assert np.abs(copies[0] - old).max() > 0, f"{weight.path} is not trained"
    check_constant(layer, input_shape, "after a step on several replicas")
