"""The activations that a config may name, against Keras's own functions."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.layers.activation_bounds import NON_EXPANSIVE
from lipbuild.network.activations import ALLOWED, CONSTANTS

# Functions of a whole row; all others act on each value by itself.
ROWS = {"softmax", "log_softmax", "sparsemax", "glu"}
WITH_CONSTANT = {name: constant for name, constant in CONSTANTS.items() if constant is not None}


@pytest.mark.parametrize("name", CONSTANTS)
def test_an_activation_is_one_of_keras(name: str) -> None:
    assert callable(keras.activations.get(name))


@pytest.mark.parametrize("name", sorted(set(WITH_CONSTANT) - ROWS))
def test_the_steepest_slope_is_the_constant(name: str) -> None:
    function = keras.activations.get(name)
    # Even and odd multiples of a small step: no kink is met, none is far.
    x = tf.constant(np.linspace(-40.0, 40.0, 400_002))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    slope = float(np.abs(tape.gradient(y, x).numpy()).max())
    assert WITH_CONSTANT[name] * (1 - 1e-3) <= slope <= WITH_CONSTANT[name]
    # A slope says nothing of a jump.
    chords = np.abs(np.diff(y.numpy())) / np.diff(x.numpy())
    assert chords.max() <= WITH_CONSTANT[name] * (1 + 1e-9)


def test_softmax_reaches_one_half_and_not_more() -> None:
    largest = 0.0
    for scale in (0.0, 1.0, 4.0):
        for size in (2, 3, 10):
            largest = max(largest, _row_gain("softmax", size, scale))
    assert math.isclose(largest, 0.5)


def test_activations_of_rows_without_a_constant_exceed_one() -> None:
    # Keras's sparsemax on TensorFlow is not the projection onto the simplex, whose constant is 1.
    for name in ("log_softmax", "sparsemax"):
        assert CONSTANTS[name] is None
        assert max(_row_gain(name, 10, scale) for scale in (0.1, 1.0, 4.0)) > 1.5


def test_layers_take_the_activations_that_a_config_may_name() -> None:
    names = {getattr(keras.activations.get(name), "__name__", name) for name in ALLOWED}
    assert names == NON_EXPANSIVE
    for name in ALLOWED:
        keras.Sequential([keras.Input((2,)), keras.layers.Activation(name)])


def _row_gain(name: str, size: int, scale: float) -> float:
    x = tf.constant(np.random.default_rng(size).normal(scale=scale, size=(1, size)))
    rows = tf.repeat(x, size, axis=0)
    with tf.GradientTape() as tape:
        tape.watch(rows)
        diagonal = tf.reduce_sum(tf.linalg.diag_part(keras.activations.get(name)(rows)))
    return float(np.linalg.norm(tape.gradient(diagonal, rows).numpy(), 2))
