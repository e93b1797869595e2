"""The constant of a recurrent layer over whole sequences, and the cell within Keras's own loop."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.layers import OrthoRNN, OrthoRNNCell
from lipbuild.layers.ortho_rnn import gain_over_time
from lipbuild.utils import evaluate_lip_const
from tests.layers.spectral import norm

T, FEATURES, UNITS = 6, 4, 4


def network(layer: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((T, FEATURES)), layer])


def in_order(cell: OrthoRNNCell) -> None:
    """A recurrence that sums: no pair is ever out of order, so sorting changes nothing."""
    cell.kernel.assign(np.eye(FEATURES, UNITS))
    cell.recurrent_kernel.assign(np.eye(UNITS))
    cell.bias.assign([100.0, 100.0, -100.0, -100.0])


def inputs(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(8, T, FEATURES)).astype("float32")


@pytest.mark.parametrize("return_sequences", [False, True])
def test_the_gain_over_time_is_the_norm_of_the_sums(return_sequences):
    for steps in (2, 3, 10, 101):
        ones = np.tril(np.ones((steps, steps)))
        sums = ones if return_sequences else ones[-1:]
        assert gain_over_time(steps, return_sequences) == pytest.approx(np.linalg.norm(sums, 2), rel=1e-12)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_the_constant_is_reached_and_never_exceeded(return_sequences, go_backwards):
    keras.utils.set_random_seed(0)
    layer = OrthoRNN(UNITS, return_sequences, go_backwards, k_coef_lip=2.0)
    model = network(layer)
    assert 1.0 < evaluate_lip_const(model, inputs()) <= 2.0 * (1 + 1e-6)
    in_order(layer.cell)
    assert evaluate_lip_const(model, inputs()) == pytest.approx(2.0, rel=1e-5)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_a_cell_in_a_loop_of_keras_has_the_constant_that_it_states(return_sequences):
    keras.utils.set_random_seed(0)
    cell = OrthoRNNCell(UNITS, k_coef_lip=0.5)
    model = network(keras.layers.RNN(cell, return_sequences=return_sequences))
    stated = 0.5 / (2 * math.sin(math.pi / (4 * T + 2))) if return_sequences else 0.5 * math.sqrt(T)
    assert evaluate_lip_const(model, inputs()) <= stated * (1 + 1e-6)
    in_order(cell)
    assert evaluate_lip_const(model, inputs()) == pytest.approx(stated, rel=1e-5)


def test_a_layer_and_its_cell_in_a_loop_of_keras_agree(tmp_path):
    layer = OrthoRNN(UNITS, return_sequences=True, k_coef_lip=gain_over_time(T, True))
    expected = network(layer)(inputs())
    loop = keras.layers.RNN(OrthoRNNCell(UNITS), return_sequences=True)
    model = network(loop)
    loop.set_weights(layer.get_weights())
    np.testing.assert_allclose(model(inputs()), expected, atol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        keras.saving.load_model(tmp_path / "model.keras")(inputs()), model(inputs())
    )


def test_the_sequence_is_read_from_its_end():
    layer = OrthoRNN(UNITS, go_backwards=True)
    forwards = OrthoRNN(UNITS)
    for each in (layer, forwards):
        each.build((None, T, FEATURES))
    forwards.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(inputs()), forwards(inputs()[:, ::-1]), atol=1e-6)


@pytest.mark.parametrize("optimizer", [keras.optimizers.Adam(1e-1), keras.optimizers.SGD(10.0)])
def test_both_kernels_stay_orthogonal_under_hostile_training(optimizer):
    keras.utils.set_random_seed(1)
    layer = OrthoRNN(UNITS)
    model = network(layer)
    model.compile(optimizer, "mse")
    for _ in range(3):
        model.fit(inputs(), 10 * np.ones((8, UNITS), "float32"), batch_size=4, verbose=0)
        assert max(norm(layer.kernel), norm(layer.recurrent_kernel)) <= 1
    layer.condense()
    for kernel in (layer.kernel, layer.recurrent_kernel):
        values = np.linalg.svd(np.asarray(kernel, np.float64), compute_uv=False)
        assert values.min() >= 1 - 1e-3
        assert values.max() <= 1
    assert evaluate_lip_const(model, inputs()) <= 1 + 1e-6


def test_a_state_is_remembered_over_many_steps():
    """No gates, and yet the gradient of the last state with respect to the first input keeps its norm."""
    keras.utils.set_random_seed(0)
    steps = 60
    layer = OrthoRNN(8)
    model = keras.Sequential([keras.Input((steps, 8)), layer])
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(1, steps, 8)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x)
    jacobian = np.asarray(tape.batch_jacobian(y, x))[0, :, 0, :]
    values = np.linalg.svd(jacobian, compute_uv=False) * math.sqrt(steps)
    np.testing.assert_allclose(values, 1.0, rtol=2e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OrthoRNN(3), "units=3"),
        (lambda: OrthoRNN(4).build((None, None, 3)), "None steps"),
        (lambda: OrthoRNN(4).build((None, 1, 3)), "1 steps"),
        (lambda: OrthoRNN(4, k_coef_lip=0.0), "k_coef_lip=0.0"),
        (lambda: OrthoRNNCell(4).build((None, None)), "known last axis"),
    ],
)
def test_what_has_no_constant_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_sequences_of_another_length_are_refused():
    layer = OrthoRNN(UNITS)
    layer(inputs())
    with pytest.raises(ValueError, match="axis 1"):
        layer(np.zeros((1, T + 1, FEATURES), "float32"))
