"""Singular values against those of the explicit matrix."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.layers import FrobeniusDense, SpectralConv2D, SpectralConv2DTranspose, SpectralDense
from lipbuild.training.kernel_spectrum import kernel_spectrum


def test_those_of_a_dense_kernel_are_those_of_its_matrix() -> None:
    for layer in (SpectralDense(5, k_coef_lip=2.0), FrobeniusDense(1)):
        layer.build((None, 7))
        kernel = np.asarray(layer.kernel, np.float64) * float(layer.scale)
        found = kernel_spectrum(layer)
        assert found is not None
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
    found = kernel_spectrum(layer)
    assert found is not None
    assert found[::-1] == pytest.approx(explicit, abs=1e-6)


def test_a_layer_without_such_a_kernel_has_none() -> None:
    assert kernel_spectrum(keras.layers.ReLU()) is None
