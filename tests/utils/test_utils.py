from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.initializers import SpectralInitializer
from lipbuild.layers import (
    BatchCentering,
    GroupSort2,
    LayerCentering,
    PadConv2D,
    SpectralConv2D,
    SpectralDense,
)
from lipbuild.utils import compute_layer_sv, compute_model_sv, evaluate_lip_const, evaluate_lip_const_gen

rng = np.random.default_rng(0)


def test_the_gain_seen_is_the_norm_of_a_linear_map():
    kernel = rng.normal(size=(5, 3)).astype("float32")
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])
    model.layers[0].kernel.assign(kernel)
    x = rng.normal(size=(4, 5))
    assert evaluate_lip_const(model, x) == pytest.approx(np.linalg.norm(kernel, 2), rel=1e-5)
    assert evaluate_lip_const_gen(model, iter([(x, None)])) == pytest.approx(
        np.linalg.norm(kernel, 2), rel=1e-5
    )


def test_singular_values_are_those_of_the_linear_part_alone():
    inputs = keras.Input((6,))
    layer = keras.layers.Dense(4, activation="relu", bias_initializer=keras.initializers.Constant(50.0))
    model = keras.Model(inputs, GroupSort2()(layer(inputs)))
    values = np.linalg.svd(keras.ops.convert_to_numpy(layer.kernel), compute_uv=False)
    assert compute_layer_sv(layer) == pytest.approx((values.min(), values.max()), rel=1e-5)
    assert dict(compute_model_sv(model))[model.layers[-1].name] == (1.0, 1.0)


def test_singular_values_of_a_convolution_are_those_of_its_operator():
    inputs = keras.Input((5, 4, 2))
    layer = SpectralConv2D(3, 3, bias_initializer="ones", k_coef_lip=2.0)
    layer(inputs)
    least, largest = compute_layer_sv(layer)
    plain = keras.layers.Conv2D(3, 3, padding="same", use_bias=False)
    plain(inputs)
    plain.kernel.assign(2.0 * layer.kernel * layer.factor)
    assert compute_layer_sv(plain) == pytest.approx((least, largest), rel=1e-4)
    assert 0 < largest <= 2


def test_a_layer_of_the_users_is_measured_by_the_users_function():
    layer = keras.layers.Rescaling(3.0)
    layer(keras.Input((2,)))
    assert compute_layer_sv(layer) == (None, None)
    assert compute_layer_sv(layer, {keras.layers.Rescaling: lambda x, _: (x.scale, x.scale)}) == (3.0, 3.0)


def test_the_initializer_gives_orthogonal_kernels_of_the_norm_asked_for():
    keras.utils.set_random_seed(0)
    initializer = SpectralInitializer(k_coef_lip=2.0, base_initializer="he_normal")
    first, second = (keras.ops.convert_to_numpy(initializer((9, 4))) for _ in range(2))
    for kernel in (first, second):
        np.testing.assert_allclose(np.linalg.svd(kernel, compute_uv=False), 2.0, rtol=1e-4)
    assert np.abs(first - second).max() > 0.1
    again = SpectralInitializer.from_config(initializer.get_config())
    assert again.get_config() == initializer.get_config()


@pytest.mark.parametrize(
    ("padding", "mode"), [("circular", "wrap"), ("reflect", "reflect"), ("symmetric", "symmetric")]
)
def test_padded_convolutions_pad_as_numpy_does(padding, mode, tmp_path):
    x = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    model = keras.Sequential([keras.Input((6, 5, 3)), PadConv2D(4, (3, 5), padding=padding)])
    plain = keras.layers.Conv2D(4, (3, 5), padding="valid")
    plain.build((None, 8, 9, 3))
    plain.set_weights(model.layers[0].get_weights())
    padded = np.pad(x, ((0, 0), (1, 1), (2, 2), (0, 0)), mode=mode)
    np.testing.assert_allclose(model(x), plain(padded), atol=1e-5)
    assert model.compute_output_shape((None, 6, 5, 3)) == (None, 6, 5, 4)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))
    np.testing.assert_allclose(model.layers[0].vanilla_export()(x), model(x), atol=1e-5)


def test_batch_centering_subtracts_the_batch_mean_in_training_and_a_running_one_after():
    layer = BatchCentering(momentum=0.1)
    x = rng.normal(size=(8, 3)).astype("float32") + 5
    np.testing.assert_allclose(layer(x, training=True), x - x.mean(0), atol=1e-5)
    np.testing.assert_allclose(layer.running_mean, x.mean(0), atol=1e-5)
    layer(2 * x, training=True)
    np.testing.assert_allclose(layer.running_mean, 1.1 * x.mean(0), atol=1e-5)
    np.testing.assert_allclose(layer(x), x - 1.1 * x.mean(0), atol=1e-5)


def test_layer_centering_subtracts_each_images_mean():
    x = rng.normal(size=(2, 4, 5, 3)).astype("float32")
    np.testing.assert_allclose(LayerCentering()(x), x - x.mean((1, 2), keepdims=True), atol=1e-5)


def test_a_layer_that_is_not_built_cannot_be_exported():
    with pytest.raises(ValueError, match="has to be built"):
        SpectralDense(3).vanilla_export()
