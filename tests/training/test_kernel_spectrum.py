"""Singular values against those of the explicit matrix."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.layers import (
    CPLConv2D,
    CPLDense,
    FrobeniusDense,
    OrthoRNN,
    SLLDense,
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
)
from lipbuild.training.kernel_spectrum import kernel_spectra


def test_those_of_a_dense_kernel_are_those_of_its_matrix() -> None:
    for layer in (SpectralDense(5, k_coef_lip=2.0), FrobeniusDense(1)):
        layer.build((None, 7))
        kernel = np.asarray(layer.kernel, np.float64) * float(layer.scale)
        found = kernel_spectra(layer)[layer.name]
        assert found == pytest.approx(np.linalg.svd(kernel, compute_uv=False)[::-1], abs=1e-6)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("cls", [SpectralConv2D, SpectralConv2DTranspose])
def test_those_of_a_convolution_are_those_on_a_periodic_image(cls: type, stride: int) -> None:
    layer = cls(3, 3, strides=stride, padding="same")
    layer.build((None, 8 * stride, 8 * stride, 2))
    layer.kernel.assign(np.random.default_rng(0).normal(size=layer.kernel.shape))
    kernel = np.asarray(layer.kernel, np.float64) * float(layer.scale)
    inputs, outputs = kernel.shape[2:]
    size = 8 * stride
    matrix = np.zeros((8, 8, outputs, size, size, inputs))
    for y, x, i, j in np.ndindex(8, 8, 3, 3):
        matrix[y, x, :, (y * stride + i) % size, (x * stride + j) % size, :] += kernel[i, j].T
    explicit = np.linalg.svd(matrix.reshape(64 * outputs, -1), compute_uv=False)
    assert kernel_spectra(layer)[layer.name][::-1] == pytest.approx(explicit, abs=1e-6)


def opened(layer: keras.layers.Layer, weight: np.ndarray) -> np.ndarray:
    """The singular values of `W Bᵀ`: where every hidden channel is open a block is `x - (x W + b) Bᵀ`."""
    layer.build((None, 3))
    layer.weight.assign(weight)
    layer.bias.assign(np.full(5, 10.0))
    moved = np.asarray(layer(np.concatenate([np.zeros((1, 3)), np.eye(3)])), np.float64)
    return np.sort(np.linalg.svd(np.eye(3) - (moved[1:] - moved[0]), compute_uv=False))


def test_a_residual_block_has_those_of_both_its_maps() -> None:
    weight = np.random.default_rng(0).normal(size=(3, 5))
    layer = CPLDense(hidden_units=5, name="block")
    applied, found = opened(layer, weight), kernel_spectra(layer)
    assert list(found) == ["block/into", "block/back"]
    assert found["block/into"] * found["block/back"] == pytest.approx(applied, abs=1e-4)
    layer = SLLDense(hidden_units=5, name="block")
    applied, found = opened(layer, weight), kernel_spectra(layer)
    # It divides its weight by a bound of its size first.
    expected = np.linalg.svd(weight, compute_uv=False)[::-1]
    assert found["block/into"] / found["block/into"][-1] == pytest.approx(expected / expected[-1], rel=1e-5)
    assert applied[-1] <= found["block/into"][-1] * found["block/back"][-1] * (1 + 1e-4)
    assert applied[0] >= found["block/into"][0] * found["block/back"][0] * (1 - 1e-4)


def test_those_of_a_residual_block_of_convolutions_are_at_most_its_bound() -> None:
    layer = CPLConv2D(kernel_size=3, name="block")
    layer.build((None, 8, 8, 2))
    found = kernel_spectra(layer)
    assert found["block/into"][-1] <= 1.0
    assert found["block/back"] == pytest.approx(2 * found["block/into"], rel=1e-6)


def test_a_recurrent_layer_has_those_of_the_input_and_of_the_recurrence() -> None:
    layer = OrthoRNN(4, k_coef_lip=3.0, name="rnn")
    layer.build((None, 6, 2))
    found = kernel_spectra(layer)
    assert found["rnn/kernel"] == pytest.approx(np.full(2, layer.scale), rel=1e-5)
    assert found["rnn/recurrent_kernel"] == pytest.approx(np.ones(4), rel=1e-5)


def test_a_layer_without_such_a_kernel_has_none() -> None:
    assert kernel_spectra(keras.layers.ReLU()) == {}
