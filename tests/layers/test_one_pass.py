from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.layers import GroupSort2
from lipbuild.layers.one_pass import pays_in_one_pass

SHAPE = (16, 16, 32)


def values_and_gradient(layer, x, g, training):
    @tf.function(input_signature=[tf.TensorSpec((None, *SHAPE), x.dtype)] * 2)
    def run(x, g):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=training)
        return y, tape.gradient(y, x, output_gradients=g)

    return [np.asarray(tf.cast(t, "float32")) for t in run(x, g)], run


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_compiled_sorting_is_the_same_function_for_every_batch_size(dtype):
    layer = GroupSort2(dtype=dtype)
    for batch in (4, 3):
        rng = np.random.default_rng(batch)
        x = np.round(rng.normal(size=(batch, *SHAPE)), 1)  # ties among them
        x, g = tf.cast(x, dtype), tf.cast(rng.normal(size=(batch, *SHAPE)), dtype)
        compiled, function = values_and_gradient(layer, x, g, True)
        graph = function.get_concrete_function(x, g).graph.as_graph_def()
        assert any("_XlaMustCompile" in f.attr for f in graph.library.function)
        plain, function = values_and_gradient(layer, x, g, False)
        graph = function.get_concrete_function(x, g).graph.as_graph_def()
        assert not any("_XlaMustCompile" in f.attr for f in graph.library.function)
        for one, other in zip(compiled, plain, strict=True):
            np.testing.assert_array_equal(one, other)


def test_small_and_unknown_samples_are_not_compiled():
    assert pays_in_one_pass(tf.zeros((1, *SHAPE)))
    assert not pays_in_one_pass(tf.zeros((256, 64)))
    found = keras.KerasTensor((None, None, None, 32))
    assert not pays_in_one_pass(found)


def test_a_replica_does_not_compile():
    devices = tf.config.list_logical_devices("CPU")
    with tf.distribute.MirroredStrategy([devices[0].name]).scope():
        assert not pays_in_one_pass(tf.zeros((1, *SHAPE)))
