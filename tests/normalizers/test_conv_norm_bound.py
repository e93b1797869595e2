"""The bound of a convolution's norm against its symbol on a dense grid."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.normalizers.conv_norm_bound import conv_norm_upper_bound

KERNELS = {
    "gaussian": lambda shape, rng: rng.normal(size=shape),
    "ones": lambda shape, rng: np.ones(shape),
    "a wave": lambda shape, rng: np.cos(0.7 * np.indices(shape).sum(axis=0)),
    "rank 1": lambda shape, rng: np.multiply.outer(rng.normal(size=shape[:-1]), rng.normal(size=shape[-1])),
    "one tap": lambda shape, rng: np.eye(1, np.prod(shape)).reshape(shape),
}


def supremum(kernel: np.ndarray) -> float:
    symbols = np.fft.fft2(kernel, (60, 60), axes=(0, 1))
    return float(np.linalg.svd(symbols, compute_uv=False).max())


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("size", [(1, 1), (1, 3), (3, 1), (2, 2), (3, 3), (4, 5), (7, 7)])
def test_the_bound_is_above_the_norm_and_near_it(size, kind):
    for channels in ((1, 1), (4, 3), (2, 6)):
        kernel = KERNELS[kind]((*size, *channels), np.random.default_rng(0)).astype("float32")
        bound, norm = float(conv_norm_upper_bound(tf.constant(kernel))), supremum(kernel)
        assert norm <= bound <= 1.11 * norm


def test_the_gradient_is_that_of_the_norm():
    kernel = tf.Variable(np.random.default_rng(1).normal(size=(3, 3, 3, 2)).astype("float32"))
    with tf.GradientTape() as tape:
        bound = conv_norm_upper_bound(kernel)
    gradient = np.asarray(tape.gradient(bound, kernel))
    step = 1e-2 * gradient / np.linalg.norm(gradient)
    expected = np.linalg.norm(gradient) * 1e-2
    assert float(conv_norm_upper_bound(kernel + step)) - float(bound) == pytest.approx(expected, rel=0.1)


def test_what_is_not_a_number_stays_none():
    kernel = np.ones((3, 3, 2, 2), "float32")
    kernel[0, 0, 0, 0] = np.nan
    assert np.isnan(keras.ops.convert_to_numpy(conv_norm_upper_bound(tf.constant(kernel))))
