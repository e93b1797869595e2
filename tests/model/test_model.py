from __future__ import annotations

import json
import math
import warnings

import keras
import numpy as np
import pytest

from lipbuild.layers import (
    GroupSort2,
    LipResidual,
    MaxMin,
    OrthoConv2D,
    ScaledL2NormPooling2D,
    SpectralConv2D,
    SpectralDense,
)
from lipbuild.model import Model, Sequential, vanillaModel
from tests.layers.spectral import norm

X = np.random.default_rng(0).normal(size=(4, 8, 8, 2)).astype("float32")


def stack(k_coef_lip: float = 1.0) -> Sequential:
    inner = Sequential([SpectralConv2D(4, 3), GroupSort2()], name="inner")
    layers = [
        keras.Input((8, 8, 2)),
        inner,
        ScaledL2NormPooling2D(),
        keras.layers.Flatten(),
        SpectralDense(3),
    ]
    return Sequential(layers, k_coef_lip=k_coef_lip)


def graph() -> Model:
    inputs = keras.Input((8, 8, 2))
    x = SpectralConv2D(4, 3)(inputs)
    y = GroupSort2(pairing="neighbours")(SpectralConv2D(4, 3)(x))
    x = LipResidual()([x, y])
    return Model(inputs, SpectralDense(3)(keras.layers.Flatten()(MaxMin()(x))), name="graph")


def test_a_factor_is_shared_by_the_layers_nested_ones_included():
    model = stack(k_coef_lip=8.0)
    parts = [layer.k_coef_lip for layer in model.layers if hasattr(layer, "k_coef_lip")]
    assert parts == pytest.approx([2.0, 2.0, 2.0])
    inner = model.get_layer("inner")
    assert [layer.k_coef_lip for layer in inner.layers] == pytest.approx([math.sqrt(2.0)] * 2)
    assert model.lipschitz_bound((None, 8, 8, 2)) == pytest.approx(8.0)


def test_a_new_factor_reaches_functions_compiled_before():
    model = stack()
    before = model.predict(X, verbose=0)
    model.set_klip_factor(0.125)
    # Biases are 0, and the norm is positively homogeneous up to its ε.
    np.testing.assert_allclose(model.predict(X, verbose=0), before / 8, atol=1e-4)


def test_saving_keeps_the_factors_of_the_layers(tmp_path):
    model = stack(k_coef_lip=8.0)
    model.layers[-1].set_klip_factor(0.5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.k_coef_lip == 8.0
    assert loaded.layers[-1].k_coef_lip == 0.5
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("make", [stack, graph])
def test_vanilla_export_needs_no_lipbuild_and_agrees(make, tmp_path):
    model = make()
    with warnings.catch_warnings():
        # Its layers of Keras are copies of what is constrained: nothing is to be warned of.
        warnings.simplefilter("error")
        exported = model.vanilla_export()
    assert exported.name == model.name
    assert "lipbuild" not in json.dumps(keras.saving.serialize_keras_object(exported))
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(exported.predict(X, verbose=0), expected, atol=1e-5)
    exported.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(X, verbose=0), expected, atol=1e-5)


def test_vanilla_export_shares_nothing_with_the_model():
    model = graph()
    exported = vanillaModel(model)
    before = exported.predict(X, verbose=0)
    for weight in model.weights:
        weight.assign(weight * 0)
    np.testing.assert_array_equal(exported.predict(X, verbose=0), before)


@pytest.mark.parametrize("make", [stack, graph])
def test_condense_reaches_every_kernel(make):
    model = make()
    layers = [layer for layer in model._flatten_layers() if hasattr(layer, "kernel")]
    assert len(layers) >= 2
    for layer in layers:
        layer.kernel.assign(5 * layer.kernel)
    model.condense()
    assert all(1 - 1e-4 <= norm(layer.kernel) <= 1 for layer in layers)


def test_condense_reaches_the_weights_of_orthogonal_convolutions():
    model = Sequential([keras.Input((8, 8, 2)), OrthoConv2D(4, 3)])
    layer = model.layers[0]
    layer.patch.assign(0.7 * layer.patch)
    assert norm(layer.patch[0]) < 0.8
    model.condense()
    assert 1 - 1e-4 <= norm(layer.patch[0]) <= 1


KNOWN = [
    keras.layers.ReLU(),
    keras.layers.Softmax(),
    keras.layers.Flatten(),
    keras.layers.MaxPooling2D(2),
    keras.layers.MaxPooling2D((2, 1), strides=(3, 1)),
    keras.layers.GlobalMaxPooling2D(),
    keras.layers.Activation("tanh"),
    GroupSort2(),
    MaxMin(),
]
UNKNOWN = [
    keras.layers.MaxPooling2D(3, strides=2),
    keras.layers.MaxPooling2D((2, 3), strides=(3, 1)),
    keras.layers.ReLU(threshold=1.0),
    keras.layers.LeakyReLU(negative_slope=2.0),
    keras.layers.Activation("gelu"),
    keras.layers.Dense(3),
    keras.layers.Dropout(0.5),
    keras.layers.BatchNormalization(),
    keras.layers.Rescaling(100.0),
]


@pytest.mark.parametrize("layer", KNOWN, ids=lambda layer: layer.name)
def test_known_layers_are_taken_silently(layer):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Sequential([layer])


@pytest.mark.parametrize("layer", UNKNOWN, ids=lambda layer: layer.name)
def test_other_layers_are_named_in_a_warning_and_have_no_constant(layer):
    with pytest.warns(UserWarning, match=layer.name):
        model = Sequential([layer])
    assert model.lipschitz_bound() > 1


def test_a_graph_warns_of_such_layers_too():
    inputs = keras.Input((4,))
    with pytest.warns(UserWarning, match="dense_in_a_graph"):
        Model(inputs, keras.layers.Dense(2, name="dense_in_a_graph")(inputs))


def test_a_model_that_is_not_built_cannot_be_exported():
    with pytest.raises(ValueError, match="has to be built"):
        vanillaModel(Sequential([SpectralDense(3)]))
