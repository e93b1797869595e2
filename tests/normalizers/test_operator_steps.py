"""Convolutions brought towards orthogonal operators, against their symbols on a fine grid."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from lipbuild.normalizers.operator_steps import OperatorSteps

CASES = [((3, 3, 4, 6), (1, 1)), ((3, 2, 6, 4), (1, 1)), ((3, 4, 2, 6), (2, 1)), ((2, 1, 2, 3), (3, 2))]


def symbols(kernel, strides, points):
    """The matrices of the convolution over cells of inputs at the frequencies of a grid."""
    size, (inputs, outputs) = kernel.shape[:2], kernel.shape[2:]
    cells = [-(-k // s) for k, s in zip(size, strides, strict=True)]
    padded = np.zeros((cells[0] * strides[0], cells[1] * strides[1], inputs, outputs))
    padded[: size[0], : size[1]] = kernel
    taps = padded.reshape(cells[0], strides[0], cells[1], strides[1], inputs, outputs)
    taps = taps.transpose(0, 2, 1, 3, 4, 5).reshape(*cells, -1, outputs)
    return np.fft.fft2(taps, s=(points, points), axes=(0, 1))


def taps_of(values, kernel, strides):
    """The kernel of such matrices, without the taps that `kernel` has not."""
    size, (inputs, outputs) = kernel.shape[:2], kernel.shape[2:]
    cells = [-(-k // s) for k, s in zip(size, strides, strict=True)]
    taps = np.fft.ifft2(values, axes=(0, 1)).real[: cells[0], : cells[1]]
    taps = taps.reshape(*cells, *strides, inputs, outputs).transpose(0, 2, 1, 3, 4, 5)
    return taps.reshape(cells[0] * strides[0], cells[1] * strides[1], inputs, outputs)[: size[0], : size[1]]


def adjoint(x):
    return np.conj(np.swapaxes(x, -1, -2))


@pytest.mark.parametrize(("shape", "strides"), CASES)
def test_a_step_is_the_cubic_at_every_frequency(shape, strides):
    kernel = np.random.default_rng(0).normal(size=shape) / 12
    at = symbols(kernel, strides, 12)
    expected = 1.5 * kernel - 0.5 * taps_of(at @ adjoint(at) @ at, kernel, strides)
    found, _ = OperatorSteps(shape[:2], strides).step(ops.convert_to_tensor(kernel))
    np.testing.assert_allclose(found, expected, atol=1e-14)


@pytest.mark.parametrize(("shape", "strides"), CASES)
def test_the_tangent_has_no_hermitian_part_at_any_frequency(shape, strides):
    kernel, gradient = np.random.default_rng(0).normal(size=(2, *shape))
    at, slope = symbols(kernel, strides, 12), symbols(gradient, strides, 12)
    if at.shape[-2] >= at.shape[-1]:
        product = adjoint(at) @ slope
        normal = at @ (product + adjoint(product)) / 2
    else:
        product = slope @ adjoint(at)
        normal = (product + adjoint(product)) @ at / 2
    expected = gradient - taps_of(normal, kernel, strides)
    found = OperatorSteps(shape[:2], strides).tangent(*map(ops.convert_to_tensor, (kernel, gradient)))
    np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize(("shape", "strides"), CASES)
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_bound_is_above_the_norm_at_every_frequency(shape, strides, scale):
    kernel = scale * np.random.default_rng(1).normal(size=shape)
    norm = np.linalg.norm(symbols(kernel, strides, 60), 2, axis=(-2, -1)).max()
    steps = OperatorSteps(shape[:2], strides)
    by_grid, by_lags = (float(steps.norm_bound(ops.convert_to_tensor(kernel), grid=g)) for g in (True, False))
    assert norm <= by_grid <= 1.15 * norm
    assert by_grid <= by_lags
    # A kernel over its bound has the bound 1, and is not divided again.
    assert float(steps.norm_bound(ops.convert_to_tensor(kernel / by_grid))) == pytest.approx(1.0, rel=1e-9)


def test_steps_make_a_convolution_nearly_orthogonal_and_its_bound_tight():
    rng = np.random.default_rng(2)
    kernel = 0.02 * rng.normal(size=(3, 3, 8, 16))
    kernel[1, 1] += np.linalg.qr(rng.normal(size=(16, 8)))[0].T
    steps = OperatorSteps((3, 3), (1, 1))
    found = ops.convert_to_tensor(kernel)
    for _ in range(6):
        found, drift = steps.step(found)
    values = np.linalg.svd(symbols(np.asarray(found), (1, 1), 60), compute_uv=False)
    assert float(drift) < 0.03
    assert values.min() > 0.9
    assert values.max() <= float(steps.norm_bound(found)) <= 1.03 * values.max()


def test_each_group_is_an_operator_by_itself():
    kernel = np.random.default_rng(3).normal(size=(3, 3, 2, 6)) / 8
    parts = [ops.convert_to_tensor(part) for part in np.split(kernel, 2, axis=-1)]
    one, two = OperatorSteps((3, 3), (1, 1)), OperatorSteps((3, 3), (1, 1), groups=2)
    whole = ops.convert_to_tensor(kernel)
    np.testing.assert_allclose(
        two.tangent(whole, whole), np.concatenate([one.tangent(p, p) for p in parts], axis=-1), atol=1e-13
    )
    assert float(two.norm_bound(whole)) == pytest.approx(max(float(one.norm_bound(p)) for p in parts))
