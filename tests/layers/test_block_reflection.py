"""Block reflections: the same map whatever V's columns are, and a training that keeps them near to orthonormal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.layers import OrthoDense
from lipbuild.layers.kernels.block_reflection import COLUMN_NORM, reflected
from lipbuild.testing.inputs import plain_model_of

SIZES = [(8, 8), (9, 3), (3, 9), (5, 4)]


def _built(inputs: int, units: int, **arguments: Any) -> OrthoDense:
    keras.utils.set_random_seed(0)
    layer = OrthoDense(units, use_bias=False, **arguments)
    layer.build((None, inputs))
    return layer


@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_the_gradient_is_that_of_the_map_along_the_orthonormal_matrices(inputs: int, units: int) -> None:
    layer = _built(inputs, units, rank=3)
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(2, 6, inputs)), tf.float32)
    d = tf.constant(rng.normal(size=(2, 6, units)), tf.float32)
    v = tf.convert_to_tensor(layer.vectors) / COLUMN_NORM
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, v])
        own = tf.reduce_sum(d * reflected(x, v, units))
        plain = tf.eye(inputs, units) - 2.0 * v[:inputs] @ tf.transpose(v[:units])
        explicit = tf.reduce_sum(d * tf.tensordot(x, plain, 1))
    np.testing.assert_allclose(own, explicit, rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(own, x), tape.gradient(explicit, x), atol=1e-5)
    g = tape.gradient(explicit, v)
    np.testing.assert_allclose(tape.gradient(own, v), g - v @ (tf.transpose(v) @ g), atol=1e-4)


@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_only_what_the_columns_span_counts(inputs: int, units: int) -> None:
    layer = _built(inputs, units)
    kernel = np.asarray(layer.kernel)
    mixed = np.asarray(layer.vectors) @ np.random.default_rng(0).normal(size=(layer.vectors.shape[1],) * 2)
    layer.vectors.assign(1e3 * mixed)
    np.testing.assert_allclose(layer.kernel, kernel, atol=1e-4)
    layer.condense()
    np.testing.assert_allclose(layer(np.eye(inputs), training=True), kernel, atol=1e-4)


@pytest.mark.parametrize(("inputs", "units"), [(64, 8), (8, 64), (40, 30), (16, 16)])
def test_the_square_part_starts_without_the_identity(inputs: int, units: int) -> None:
    kernel = np.asarray(_built(inputs, units).kernel)
    assert abs(np.trace(kernel)) / min(inputs, units) < 0.25


def test_fewer_columns_are_nearer_to_the_identity() -> None:
    kernel = np.asarray(_built(16, 16, rank=2).kernel)
    assert np.linalg.matrix_rank(np.eye(16) - kernel, tol=1e-3) == 2
    with pytest.raises(ValueError, match="rank must be at most"):
        _built(16, 4, rank=5)
    with pytest.raises(ValueError, match="positive integer"):
        OrthoDense(4, rank=0)


@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_a_file_with_half_as_many_columns_as_the_size_is_the_same_map(inputs: int, units: int) -> None:
    size = max(inputs, units)
    v = np.random.default_rng(0).normal(size=(size, size // 2))
    q = np.linalg.qr(v)[0]
    layer = OrthoDense(units, use_bias=False)
    layer.build((None, inputs))
    layer.load_own_variables({"0": v.astype("float32")})
    np.testing.assert_allclose(layer.kernel, np.eye(inputs, units) - 2 * q[:inputs] @ q[:units].T, atol=1e-4)
    kept = np.asarray(layer.vectors)
    layer.load_own_variables({"0": kept})
    np.testing.assert_array_equal(layer.vectors, kept)


def test_training_drifts_and_nobody_sees_it(tmp_path: Path) -> None:
    assert _built(512, 32)._deferred is None  # a small layer is brought back after every update
    keras.utils.set_random_seed(0)
    layer = OrthoDense(128, use_bias=False)
    model = keras.Sequential([keras.Input((256,)), layer])
    model.compile(keras.optimizers.Adam(4e-3), "mse")
    x = np.random.default_rng(0).normal(size=(64, 256)).astype("float32")
    y = x[:, ::-2]
    losses = [model.train_on_batch(x, y) for _ in range(30)]
    assert losses[-1] < 0.9 * losses[0]
    assert float(layer._deferred._interval.value) > 1
    layer._deferred._interval.assign(8.0)
    while float(layer._deferred._pending.value) < 3:
        model.train_on_batch(x, y)
    raw = np.asarray(layer.vectors, np.float64) / COLUMN_NORM
    drift = np.linalg.norm(raw.T @ raw - np.eye(128), 2)
    assert drift > 1e-4
    q = np.linalg.qr(raw)[0]
    kernel = np.eye(256, 128) - 2 * q @ q[:128].T
    plain = plain_model_of(layer, (256,)).layers[-1].kernel
    np.testing.assert_allclose(plain, kernel, atol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for seen in (loaded(np.eye(256)), model.predict(np.eye(256), verbose=0), layer(np.eye(256))):
        np.testing.assert_allclose(seen, kernel, atol=1e-5)
    after = np.asarray(layer.vectors, np.float64) / COLUMN_NORM
    assert np.linalg.norm(after.T @ after - np.eye(128), 2) < 1e-5
