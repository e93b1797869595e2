from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.constraints import (
    AutoWeightClipConstraint,
    FrobeniusConstraint,
    SpectralConstraint,
    WeightClipConstraint,
)
from lipbuild.regularizers import Lorth2D, LorthRegularizer, OrthDenseRegularizer

rng = np.random.default_rng(0)


def identity_kernel(size: int, channels: int) -> np.ndarray:
    kernel = np.zeros((size, size, channels, channels), "float32")
    kernel[size // 2, size // 2] = np.eye(channels)
    return kernel


@pytest.mark.filterwarnings("ignore:As many outputs")
def test_lorth_is_zero_for_the_identity_and_positive_for_its_double():
    kernel = identity_kernel(3, 4)
    lorth = Lorth2D(kernel.shape)
    assert float(lorth.compute_lorth(kernel)) == pytest.approx(0, abs=1e-6)
    assert float(lorth.compute_lorth(2 * kernel)) == pytest.approx(4 * 9, rel=1e-5)


def test_training_on_the_regularizer_makes_a_convolution_orthogonal():
    keras.utils.set_random_seed(0)
    layer = keras.layers.Conv2D(4, 3, kernel_regularizer=LorthRegularizer(lambda_lorth=1.0), use_bias=False)
    model = keras.Sequential([keras.Input((6, 6, 2)), layer])
    model.compile(keras.optimizers.Adam(1e-2), lambda y, p: 0.0 * keras.ops.sum(p))
    x = np.zeros((64, 6, 6, 2), "float32")
    first = model.fit(x, np.zeros((64, 4, 4, 4)), batch_size=8, verbose=0).history["loss"][0]
    last = model.fit(x, np.zeros((64, 4, 4, 4)), batch_size=1, epochs=4, verbose=0).history["loss"][-1]
    assert last < 0.05 * first


def test_orth_dense_is_the_distance_of_the_gram_matrix_from_the_identity():
    w = rng.normal(size=(5, 3)).astype("float32")
    expected = np.linalg.norm(w.T @ w - np.eye(3)) ** 2
    assert float(OrthDenseRegularizer(2.0)(w)) == pytest.approx(2 * expected, rel=1e-4)
    assert float(OrthDenseRegularizer(2.0)(w.T)) == pytest.approx(2 * expected, rel=1e-4)


@pytest.mark.parametrize(
    "constraint",
    [
        AutoWeightClipConstraint(2.0),
        FrobeniusConstraint(),
        SpectralConstraint(k_coef_lip=0.5),
        SpectralConstraint(eps_bjorck=None),
        WeightClipConstraint(0.1),
    ],
    ids=lambda c: type(c).__name__,
)
def test_constraints_survive_serialisation_and_hold_while_training(constraint):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(constraint))
    assert again.get_config() == constraint.get_config()
    layer = keras.layers.Dense(4, kernel_constraint=again)
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(10.0), "mse")
    model.fit(rng.normal(size=(8, 4)), rng.normal(size=(8, 4)), verbose=0)
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    if isinstance(constraint, WeightClipConstraint):
        assert np.abs(kernel).max() <= 0.1 + 1e-6
    else:
        bound = {AutoWeightClipConstraint: 0.5, SpectralConstraint: getattr(constraint, "k_coef_lip", 1.0)}
        assert np.linalg.norm(kernel, 2) <= bound.get(type(constraint), 1.0) * (1 + 1e-6)
