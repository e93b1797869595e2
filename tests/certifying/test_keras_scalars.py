"""Numbers of a configuration are those that Keras computes with: rounded to float32."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from lipbuild.certifying.inference import forward
from lipbuild.errors import RefusedError
from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.saved.keras_config import network_of
from lipbuild.utils.in_float64 import in_float64
from lipbuild.verifier import verify
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.errors import RefusedError as RefusedByVerifier


def _saved(tmp_path, layer, shape=(4, 3)):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "m.keras")
    return model, tmp_path / "m.keras"


def _batch_normalization(epsilon):
    def call(x):
        layer = layers.BatchNormalization(epsilon=epsilon)
        y = layer(x)
        layer.set_weights([np.ones(3), np.zeros(3), np.zeros(3), np.full(3, 1e-9)])
        return y

    return call


def _32(value):
    return float(np.float32(value))


# 0.1 is larger in float32, 0.7 smaller.
LAYERS = {
    "BatchNormalization": (_batch_normalization(1e-3), (_32(1e-3) + _32(1e-9)) ** -0.5),
    "BatchNormalization, a whole epsilon": (_batch_normalization(1), (1.0 + _32(1e-9)) ** -0.5),
    "Rescaling": (layers.Rescaling(0.7, 0.1), _32(0.7)),
    "Rescaling by an array": (layers.Rescaling(np.array([0.1, 0.7, 0.2])), _32(0.7)),
    "LeakyReLU": (layers.LeakyReLU(1.1), _32(1.1)),
    "ReLU": (layers.ReLU(negative_slope=1.1, max_value=0.7), _32(1.1)),
    "ELU": (layers.ELU(-1.1), _32(1.1)),
    "multiply": (lambda x: x * 1.1, _32(1.1)),
    "subtract": (lambda x: 0.1 - x, 1.0),
    "Normalization": (layers.Normalization(axis=None, mean=0.1, variance=0.7), _32(0.7) ** -0.5),
    # Its floor of a deviation is Keras's epsilon.
    "Normalization back": (layers.Normalization(axis=None, mean=0.0, variance=0.0, invert=True), _32(1e-7)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_constant_is_that_of_the_number_in_float32(tmp_path, name):
    layer, constant = LAYERS[name]
    model, path = _saved(tmp_path, layer)
    statement = certify(*read_archive(path))
    stated = float.fromhex(statement["predicate"]["lipschitz"])
    assert constant * (1.0 - 2.0**-50) <= stated <= constant * (1.0 + 1e-12)
    assert verify(path, statement).holds
    x = np.random.default_rng(0).standard_normal((5, 4, 3)) * 10.0
    ours = forward(network_of(*read_archive(path)), x)
    if name != "Normalization back":  # whose epsilon is another number in float64
        np.testing.assert_allclose(ours, in_float64(model)(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours, model(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("scale", [1e39, 10**400, "2", True, [[1.0], [1.0, 2.0]], None])
def test_what_is_not_a_finite_number_in_float32_is_refused_by_both(tmp_path, scale):
    _, path = _saved(tmp_path, layers.Rescaling(0.5))
    config, weights = read_archive(path)
    config["config"]["layers"][1]["config"]["scale"] = scale
    with pytest.raises(RefusedError, match="finite"):
        certify(config, weights)
    with pytest.raises(RefusedByVerifier, match="number"):
        model_of(config, weights)


def test_the_statistics_of_an_adapted_normalization_are_read(tmp_path):
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(0).standard_normal((50, 4, 3)) * [1.0, 2.0, 0.5])
    model, path = _saved(tmp_path, layer)
    statement = certify(*read_archive(path))
    assert verify(path, statement).holds
    x = np.random.default_rng(1).standard_normal((5, 4, 3))
    ours = forward(network_of(*read_archive(path)), x)
    np.testing.assert_allclose(ours, model(x), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ours, in_float64(model)(x), rtol=1e-12)


@pytest.mark.parametrize("first", [False, True], ids=["x + array", "array + x"])
def test_an_array_that_keras_adds_along_another_axis_is_refused(tmp_path, first):
    array = np.arange(3.0, dtype=np.float32).reshape(1, 3, 1)
    call = (lambda x: ops.add(array, x)) if first else (lambda x: ops.add(x, array))
    model, path = _saved(tmp_path, call, (3, 3))
    x = np.zeros((1, 3, 3), np.float32)
    assert first or not np.array_equal(model(x), x + array)  # what is refused
    with pytest.raises(RefusedError, match="along another axis"):
        certify(*read_archive(path))
    # Where only one axis has its length there is nothing to mistake.
    model, path = _saved(tmp_path, lambda x: ops.add(x, array), (3, 4))
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    np.testing.assert_allclose(forward(network_of(*read_archive(path)), x), model(x), rtol=1e-6, atol=1e-6)


def test_an_activation_that_takes_axes_away_is_refused_by_both(tmp_path):
    # Keras builds what follows for four axes, and broadcasts the samples along one of them.
    dense = layers.Dense(2, activation=layers.GlobalAveragePooling2D())
    model, path = _saved(
        tmp_path, lambda x: layers.Normalization(mean=[0.0, 0.0], variance=[1.0, 1.0])(dense(x)), (3, 4, 2)
    )
    assert model(np.zeros((5, 3, 4, 2))).shape == (1, 1, 5, 2)
    with pytest.raises(RefusedError, match="axes"):
        certify(*read_archive(path))
    with pytest.raises(RefusedByVerifier, match="axes"):
        model_of(*read_archive(path))
