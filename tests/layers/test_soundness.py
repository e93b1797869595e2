"""No data, loss or learning rate takes a kernel above its norm, whenever it is looked at."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.callbacks import CondenseCallback
from lipbuild.layers import (
    FrobeniusConv2D,
    FrobeniusDense,
    GroupSort2,
    ScaledAveragePooling2D,
    SpectralConv1D,
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
)
from lipbuild.losses import TauCategoricalCrossentropy
from tests.layers.spectral import norm, operator_norm, singular_values

OPTIMIZERS = {
    "Adam 1e-3": lambda: keras.optimizers.Adam(1e-3),
    "Adam 1e-1": lambda: keras.optimizers.Adam(1e-1),
    "SGD 10": lambda: keras.optimizers.SGD(10.0),
    "SGD 1e6": lambda: keras.optimizers.SGD(1e6),
}


class NormsAfterEachBatch(keras.callbacks.Callback):
    """The largest norm of a kernel, of all batches."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0.0

    def on_train_batch_end(self, batch, logs=None) -> None:
        for layer in self.model.layers:
            if hasattr(layer, "kernel"):
                self.largest = max(self.largest, norm(layer.kernel))


def network(eps_bjorck: float | None = 1e-3) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            SpectralConv2D(8, 3, eps_bjorck=eps_bjorck),
            GroupSort2(),
            ScaledAveragePooling2D(),
            SpectralConv2D(12, 3, eps_bjorck=eps_bjorck),
            GroupSort2(),
            keras.layers.Flatten(),
            SpectralDense(16, eps_bjorck=eps_bjorck),
            GroupSort2(),
            SpectralDense(4, eps_bjorck=eps_bjorck),
        ]
    )


def data(n: int = 96) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((n, 8, 8, 1)).astype("float32"), np.eye(4, dtype="float32")[rng.integers(4, size=n)]


@pytest.mark.parametrize("eps_bjorck", [1e-3, None])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_kernels_stay_in_bounds_after_every_batch_and_in_the_saved_file(name, eps_bjorck, tmp_path):
    keras.utils.set_random_seed(1)
    model = network(eps_bjorck)
    model.compile(OPTIMIZERS[name](), TauCategoricalCrossentropy(10.0))
    norms = NormsAfterEachBatch()
    model.fit(*data(), batch_size=16, epochs=2, verbose=0, callbacks=[norms])
    assert 0 < norms.largest <= 1
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert max(norm(layer.kernel) for layer in loaded.layers if hasattr(layer, "kernel")) <= 1


@pytest.mark.parametrize("name", ["Adam 1e-3", "Adam 1e-1"])
def test_condensed_kernels_are_orthogonal(name):
    keras.utils.set_random_seed(1)
    model = network()
    model.compile(OPTIMIZERS[name](), TauCategoricalCrossentropy(10.0))
    model.fit(*data(), batch_size=16, epochs=2, verbose=0, callbacks=[CondenseCallback()])
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            values = singular_values(layer.kernel)
            assert values.min() >= 1 - 1e-3
            assert values.max() <= 1


def test_an_untrained_network_satisfies_its_constraint_with_any_initializer():
    for initializer in ("he_normal", "ones", "zeros", keras.initializers.RandomNormal(stddev=100.0, seed=0)):
        layer = SpectralDense(10, kernel_initializer=initializer, k_coef_lip=0.01)
        layer.build((None, 20))
        assert norm(layer.kernel) <= 1
        assert operator_norm(layer, (20,)) <= 0.01 * (1 + 1e-6)


def test_weights_of_an_averaging_optimizer_are_in_bounds_after_training_with_the_callback():
    model = network()
    model.compile(keras.optimizers.Adam(1e-1, use_ema=True), TauCategoricalCrossentropy(10.0))
    model.fit(*data(), batch_size=16, epochs=2, verbose=0, callbacks=[CondenseCallback()])
    assert max(norm(layer.kernel) for layer in model.layers if hasattr(layer, "kernel")) <= 1


def test_nan_is_not_masked():
    layer = SpectralDense(4)
    model = keras.Sequential([keras.Input((3,)), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.fit(np.full((4, 3), np.nan, "float32"), np.zeros((4, 4)), verbose=0)
    assert np.isnan(keras.ops.convert_to_numpy(layer.kernel)).any()
    layer.condense()
    assert np.isnan(keras.ops.convert_to_numpy(layer.kernel)).any()


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_convolution_operators_are_at_most_k_lipschitz(size, stride, padding):
    for seed, (channels, filters) in enumerate([(1, 1), (1, 4), (3, 2)]):
        keras.utils.set_random_seed(seed)
        layer = SpectralConv2D(filters, size, strides=stride, padding=padding, use_bias=False, k_coef_lip=2.0)
        layer.build((None, 8, 7, channels))
        assert operator_norm(layer, (8, 7, channels)) <= 2 * (1 + 1e-6)


@pytest.mark.parametrize("size", [3, 5])
def test_a_kernel_of_ones_is_at_most_1_lipschitz(size):
    # deel-lip's factor at stride 1, an average over the image, gives up to 1.16 here.
    layer = SpectralConv2D(1, size, kernel_initializer="ones", use_bias=False)
    layer.build((None, 16, 16, 1))
    assert 0.9 <= operator_norm(layer, (16, 16, 1)) <= 1


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [2, 3])
def test_transposed_convolutions_are_at_most_1_lipschitz(size, stride):
    for initializer in ("ones", "orthogonal", "he_normal"):
        layer = SpectralConv2DTranspose(
            3, size, strides=stride, kernel_initializer=initializer, use_bias=False
        )
        layer.build((None, 5, 4, 2))
        assert operator_norm(layer, (5, 4, 2)) <= 1 + 1e-6


@pytest.mark.parametrize("arguments", [{"dilation_rate": 2}, {"groups": 2}, {"groups": 4, "strides": 2}])
def test_dilated_and_grouped_convolutions_are_at_most_1_lipschitz(arguments):
    for initializer in ("ones", "orthogonal"):
        layer = SpectralConv2D(4, 3, kernel_initializer=initializer, use_bias=False, **arguments)
        layer.build((None, 7, 6, 4))
        assert operator_norm(layer, (7, 6, 4)) <= 1 + 1e-6


@pytest.mark.parametrize("padding", ["same", "valid", "causal"])
def test_1d_convolutions_are_at_most_1_lipschitz(padding):
    layer = SpectralConv1D(3, 4, padding=padding, kernel_initializer="ones", use_bias=False)
    layer.build((None, 12, 2))
    assert operator_norm(layer, (12, 2)) <= 1 + 1e-6


def test_frobenius_dense_states_what_its_outputs_have_together():
    layer = FrobeniusDense(6, kernel_initializer="ones", use_bias=False)
    layer.build((None, 4))
    assert layer.lipschitz_bound() == pytest.approx(6**0.5)
    assert operator_norm(layer, (4,)) <= layer.lipschitz_bound()
    joint = FrobeniusDense(6, kernel_initializer="ones", use_bias=False, disjoint_neurons=False)
    joint.build((None, 4))
    assert operator_norm(joint, (4,)) <= 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_frobenius_kernels_stay_in_bounds(name):
    conv, dense = FrobeniusConv2D(3, 3), FrobeniusDense(4)
    model = keras.Sequential([keras.Input((8, 8, 1)), conv, keras.layers.Flatten(), dense])
    model.compile(OPTIMIZERS[name](), TauCategoricalCrossentropy(10.0))
    model.fit(*data(), batch_size=16, epochs=1, verbose=0)
    assert np.linalg.norm(keras.ops.convert_to_numpy(conv.kernel).astype(np.float64)) <= 1
    columns = np.linalg.norm(keras.ops.convert_to_numpy(dense.kernel).astype(np.float64), axis=0)
    assert columns.max() <= 1
