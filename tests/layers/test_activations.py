from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.layers import FullSort, GroupSort, GroupSort2, Householder, MaxMin, PReLUlip
from lipbuild.layers.pair_sort import _sort_reshaped_pairs, sort_halves, sort_neighbours


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_halves_are_the_maxima_then_the_minima():
    x = np.array([[1.0, 4.0, 3.0, 2.0]], "float32")
    np.testing.assert_array_equal(GroupSort2()(x), [[3.0, 4.0, 1.0, 2.0]])


def test_neighbours_are_sorted_in_ascending_order():
    x = np.array([[4.0, 1.0, 2.0, 3.0]], "float32")
    np.testing.assert_array_equal(GroupSort2(pairing="neighbours")(x), [[1.0, 4.0, 2.0, 3.0]])
    np.testing.assert_array_equal(GroupSort(2)(x), [[1.0, 4.0, 2.0, 3.0]])


def test_groups_and_all_are_sorted_in_ascending_order():
    x = normal(3, 2, 12)
    np.testing.assert_array_equal(GroupSort(4)(x), np.sort(x.reshape(3, 2, 3, 4)).reshape(3, 2, 12))
    np.testing.assert_array_equal(FullSort()(x), np.sort(x))


@pytest.mark.parametrize(
    "layer", [GroupSort2(data_format="channels_first"), GroupSort(3, data_format="channels_first")]
)
def test_channels_first_is_channels_last_transposed(layer):
    x = normal(2, 6, 4, 5)
    config = {**layer.get_config(), "data_format": "channels_last"}
    last = type(layer).from_config(config)(np.moveaxis(x, 1, -1))
    np.testing.assert_array_equal(layer(x), np.moveaxis(np.asarray(last), -1, 1))


@pytest.mark.parametrize("function", [sort_halves, sort_neighbours, _sort_reshaped_pairs])
@pytest.mark.parametrize("shape", [(5, 6), (2, 3, 4, 8)])
def test_gradients_of_sorting_send_each_output_to_the_input_it_came_from(function, shape):
    x = normal(*shape)
    weights = normal(*shape, seed=1)
    with tf.GradientTape() as tape:
        t = tf.constant(x)
        tape.watch(t)
        y = function(t)
    gradient = tape.gradient(y, t, output_gradients=tf.constant(weights)).numpy()
    sent = dict(zip(np.asarray(y).ravel().tolist(), weights.ravel().tolist(), strict=True))
    np.testing.assert_array_equal(gradient, np.vectorize(sent.get)(x.tolist()).astype("float32"))


@pytest.mark.parametrize("function", [sort_halves, sort_neighbours])
def test_sorting_does_not_hide_nan(function):
    x = np.array([[1.0, np.nan, 3.0, 2.0], [np.nan, 1.0, 3.0, 2.0]], "float32")
    assert np.isnan(np.asarray(function(tf.constant(x)))).any(axis=1).all()


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_neighbours_are_sorted_in_other_precisions(dtype):
    x = normal(4, 6).astype(dtype)
    expected = np.sort(x.reshape(4, 3, 2)).reshape(4, 6)
    np.testing.assert_array_equal(sort_neighbours(tf.constant(x)), expected)


def test_max_min_doubles_the_channels():
    x = normal(2, 3, 4)
    np.testing.assert_array_equal(MaxMin()(x), np.concatenate([np.maximum(x, 0), np.maximum(-x, 0)], axis=-1))
    assert MaxMin(data_format="channels_first").compute_output_shape((None, 3, 4)) == (None, 6, 4)


def test_householder_at_a_right_angle_sorts_pairs():
    x = normal(5, 6)
    low, high = np.minimum(x[:, :3], x[:, 3:]), np.maximum(x[:, :3], x[:, 3:])
    np.testing.assert_allclose(Householder()(x), np.concatenate([low, high], axis=1), atol=1e-6)


def test_householder_keeps_its_factor_with_any_angle():
    layer = Householder(k_coef_lip=0.1, theta_initializer=keras.initializers.RandomUniform(0, 6, seed=0))
    x, y = normal(200, 6), normal(200, 6, seed=1)
    gains = np.linalg.norm(layer(x) - layer(y), axis=1) / np.linalg.norm(x - y, axis=1)
    assert gains.max() <= 0.1 * (1 + 1e-5)
    np.testing.assert_allclose(np.linalg.norm(layer(x), axis=1), 0.1 * np.linalg.norm(x, axis=1), rtol=1e-5)


def test_prelu_slopes_are_clipped():
    layer = PReLUlip(alpha_initializer=keras.initializers.Constant(-3.0))
    np.testing.assert_array_equal(layer(np.array([[-2.0, 1.0]], "float32")), [[2.0, 1.0]])
