from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.layers import (
    FullSort,
    GroupSort,
    GroupSort2,
    Householder,
    InvertibleDownSampling,
    PReLUlip,
    ScaledAveragePooling2D,
    ScaledGlobalAveragePooling2D,
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
)
from lipbuild.losses import TauCategoricalCrossentropy


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": 0}, "units=0"),
        ({"units": 2.0}, "units=2.0"),
        ({"k_coef_lip": 0.0}, "k_coef_lip=0.0"),
        ({"k_coef_lip": -1}, "k_coef_lip=-1"),
        ({"k_coef_lip": float("nan")}, "k_coef_lip=nan"),
        ({"k_coef_lip": "2"}, "k_coef_lip"),
        ({"eps_spectral": 0}, "eps_spectral=0"),
        ({"eps_bjorck": -1e-3}, "eps_bjorck=-0.001"),
        ({"beta_bjorck": 0.6}, "beta_bjorck=0.6"),
        ({"maxiter_bjorck": 0}, "maxiter_bjorck=0"),
        ({"maxiter_spectral": 1.5}, "maxiter_spectral=1.5"),
        ({"lora_rank": 4}, "lora_rank=4"),
        ({"kernel_constraint": "max_norm"}, "kernel_constraint"),
        ({"activation": "gelu"}, "GroupSort2"),
        ({"activation": "exponential"}, "GroupSort2"),
        ({"activation": lambda x: 2 * x}, "GroupSort2"),
        ({"activation": keras.layers.ReLU(negative_slope=3.0)}, "GroupSort2"),
        ({"activation": keras.layers.ReLU(threshold=1.0)}, "GroupSort2"),
        ({"activation": GroupSort2(k_coef_lip=2.0)}, "GroupSort2"),
    ],
)
def test_dense_refuses_what_it_cannot_honour_and_says_what_it_received(arguments, message):
    if arguments.get("k_coef_lip") == "2":
        arguments = {"k_coef_lip": "two"}
    with pytest.raises(ValueError, match=message):
        SpectralDense(**{"units": 3, **arguments})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpectralConv2D(3, 0), "kernel_size=0"),
        (lambda: SpectralConv2D(3, (3, 3, 3)), "kernel_size"),
        (lambda: SpectralConv2D(3, 3, padding="reflect"), "padding='reflect'"),
        (lambda: SpectralConv2D(3, 3, groups=2), "groups=2"),
        (lambda: SpectralConv2D(3, 3, strides=2, dilation_rate=2), "dilation_rate"),
        (lambda: SpectralConv2D(3, 3, data_format="last"), "data_format='last'"),
        (lambda: SpectralConv2DTranspose(3, 3, padding="valid"), "padding='valid'"),
        (lambda: SpectralConv2DTranspose(3, 3, output_padding=1), "output_padding=1"),
        (lambda: ScaledAveragePooling2D(2, strides=1), "strides=1"),
        (lambda: ScaledAveragePooling2D((2, 3), strides=(3, 1)), "strides"),
        (lambda: ScaledAveragePooling2D(2, padding="same"), "padding='same'"),
        (lambda: GroupSort2(pairing="evens"), "pairing='evens'"),
        (lambda: GroupSort2(n=3), "n=3"),
        (lambda: GroupSort(n=0), "n=0"),
        (lambda: FullSort(n=2), "n=2"),
    ],
)
def test_layers_refuse_wrong_arguments_and_say_what_they_received(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (GroupSort2(), (None, 7), "7 channels"),
        (GroupSort(n=4), (None, 6), "n=4"),
        (Householder(), (None, 5), "5 channels"),
        (ScaledGlobalAveragePooling2D(), (None, None, 4, 3), "None"),
        (SpectralDense(3), (None, None), "known last axis"),
        (SpectralConv2D(4, 3, groups=2), (None, 5, 5, 3), "3 channels"),
        (PReLUlip(), (None, None, 3), "shared_axes"),
    ],
)
def test_layers_refuse_shapes_that_do_not_fit(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer.build(shape)


def test_images_that_the_pool_does_not_divide_are_refused():
    with pytest.raises(ValueError, match="5 x 4"):
        InvertibleDownSampling(2)(np.zeros((1, 5, 4, 1), "float32"))


def test_images_of_unknown_size_are_taken():
    inputs = keras.Input((None, None, 2))
    outputs = InvertibleDownSampling(2)(GroupSort2()(SpectralConv2D(4, 3)(inputs)))
    model = keras.Model(inputs, outputs)
    assert model.predict(np.zeros((2, 6, 4, 2), "float32"), verbose=0).shape == (2, 3, 2, 16)


def test_two_layers_do_not_share_an_initial_kernel_and_the_seed_governs_them():
    def kernels() -> list[np.ndarray]:
        keras.utils.set_random_seed(3)
        layers = [SpectralDense(5), SpectralDense(5)]
        for layer in layers:
            layer.build((None, 6))
        return [keras.ops.convert_to_numpy(layer.kernel) for layer in layers]

    first, second = kernels(), kernels()
    assert np.abs(first[0] - first[1]).max() > 0.1
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_a_layer_as_activation_is_applied_saved_and_exported(tmp_path):
    model = keras.Sequential([keras.Input((4,)), SpectralDense(6, activation=GroupSort2())])
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    expected = model.predict(x, verbose=0)
    assert (expected[:, :3] >= expected[:, 3:]).all()
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        keras.saving.load_model(tmp_path / "model.keras").predict(x, verbose=0), expected
    )
    np.testing.assert_allclose(model.layers[0].vanilla_export()(x), expected, atol=1e-6)


def test_half_precision_policies_keep_the_kernel_in_float32():
    for policy in ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16"):
        layer = SpectralDense(4, dtype=policy)
        layer.build((None, 4))
        assert layer.kernel.dtype == "float32"


def test_a_float64_policy_keeps_the_kernel_in_float64():
    layer = SpectralDense(4, dtype="float64")
    layer.build((None, 6))
    assert layer.kernel.dtype == "float64"
    layer.condense()
    assert layer.kernel.dtype == "float64"


@pytest.mark.parametrize("jit_compile", [False, True])
def test_training_compiles_with_and_without_xla(jit_compile):
    model = keras.Sequential([keras.Input((6,)), SpectralDense(8), GroupSort2(), SpectralDense(3)])
    model.compile("adam", TauCategoricalCrossentropy(10.0), jit_compile=jit_compile)
    x = np.random.default_rng(0).random((32, 6)).astype("float32")
    y = np.eye(3, dtype="float32")[np.arange(32) % 3]
    history = model.fit(x, y, epochs=8, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_predict_changes_nothing_and_calls_without_training_argument_agree():
    model = keras.Sequential([keras.Input((6,)), SpectralDense(8), GroupSort2(), SpectralDense(3)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).random((8, 6)).astype("float32")
    model.fit(x, np.zeros((8, 3)), verbose=0)
    before = model.predict(x, verbose=0)
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
    np.testing.assert_allclose(model(x), before, atol=1e-6)
    np.testing.assert_allclose(model(x, training=True), before, atol=1e-6)
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
