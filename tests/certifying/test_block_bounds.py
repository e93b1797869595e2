"""Bounds of rescaled convolutions and residual blocks, against singular values and Jacobians."""

from __future__ import annotations

import numpy as np
import pytest

from lipbuild.certifying.bounds.convolution import convolution
from lipbuild.certifying.bounds.schur_bound import schur_bound
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.residual_block import ResidualBlock

rng = np.random.default_rng(0)


def _constant(w: np.ndarray, b: np.ndarray) -> float:
    """The proved constant of x − B relu(Wᵀx)."""
    nodes = (
        NetworkNode("x", "input", (), {"shape": (len(w),)}),
        NetworkNode("into", "dense", ("x",), {}, {"kernel": w}),
        NetworkNode("relu", "activation", ("into",), {"function": "relu"}),
        NetworkNode("back", "dense", ("relu",), {}, {"kernel": b.T}),
        NetworkNode("y", "subtract", ("x", "back")),
    )
    return CertifiedNetwork.of(Network(nodes, "y")).lipschitz


def _block(size: int, hidden: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """W and B = 2 W diag(t) of an SLL block with q = 1, rounded to float32."""
    w = (rng.normal(size=(size, hidden)) * np.exp(rng.uniform(-spread, spread, hidden))).astype(np.float32)
    gram = np.abs(w.astype(float).T @ w)
    return w, (w * (2.0 / gram.sum(axis=1))).astype(np.float32)


@pytest.mark.parametrize("shape", [(3, 3, 2, 4), (1, 5, 4, 2), (2, 2, 3, 3), (1, 1, 5, 7)])
@pytest.mark.parametrize("of_outputs", [True, False])
def test_the_gram_matrix_bounds_every_convolution(shape: tuple[int, ...], of_outputs: bool) -> None:
    for scale, padding, steps in (
        (1.0, "same", {}),
        (1e-30, "valid", {"strides": 2}),
        (1e30, "same", {"dilation_rate": 2}),
    ):
        kernel = rng.normal(size=shape) * scale
        bound = schur_bound(kernel, of_outputs=of_outputs)
        assert convolution(kernel, (6, 5), padding=padding, **steps).lower <= bound
        # It is no better than the largest column, and no worse than all magnitudes together.
        assert (
            np.linalg.norm(kernel.reshape(-1, shape[-1]), axis=0).max()
            <= bound
            <= np.abs(kernel).sum() * 1.0001
        )


def test_the_gram_matrix_is_exact_for_nonnegative_kernels() -> None:
    kernel = rng.uniform(size=(3, 3, 2, 3))
    exact = float(np.linalg.norm(kernel.sum(axis=(0, 1)), 2))
    assert exact <= schur_bound(kernel, of_outputs=True) <= exact * (1 + 1e-9)


def test_a_kernel_rescaled_by_its_gram_matrix_is_proved_to_be_nonexpansive() -> None:
    kernel = rng.normal(size=(3, 3, 8, 6))
    gram = np.zeros((6, 6))
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            a = kernel[max(0, -dy) : 3 - max(0, dy), max(0, -dx) : 3 - max(0, dx)]
            b = kernel[max(0, dy) : 3 + min(0, dy), max(0, dx) : 3 + min(0, dx)]
            gram += np.abs(np.einsum("yxci,yxcj->ij", a, b))
    rescaled = kernel / np.sqrt(gram.sum(axis=1))
    assert 0.9 <= schur_bound(rescaled, of_outputs=True) <= 1 + 1e-9


def test_a_zero_kernel_has_no_gain_and_a_nan_no_bound() -> None:
    assert schur_bound(np.zeros((3, 3, 2, 2)), of_outputs=True) <= 1e-60
    with pytest.raises(ValueError, match="NaN"):
        schur_bound(np.full((1, 1, 1, 1), np.nan), of_outputs=True)


@pytest.mark.parametrize(("size", "hidden"), [(4, 4), (3, 9), (40, 10), (64, 64)])
@pytest.mark.parametrize("spread", [0.0, 4.0])
def test_a_residual_block_is_proved_to_be_nonexpansive_up_to_rounding(
    size: int, hidden: int, spread: float
) -> None:
    assert 1.0 <= _constant(*_block(size, hidden, spread)) <= 1 + 1e-6


@pytest.mark.parametrize("noise", [0.0, 1e-3, 0.1, 3.0])
def test_no_jacobian_of_a_block_exceeds_the_bound(noise: float) -> None:
    for _ in range(20):
        w, b = _block(5, 7)
        b = (b * (1 + noise) + noise * np.abs(b).mean() * rng.normal(size=b.shape)).astype(np.float32)
        bound = _constant(w, b)
        for _ in range(20):
            active = np.diag(rng.integers(2, size=7).astype(float))
            jacobian = np.eye(5) - b.astype(float) @ active @ w.astype(float).T
            assert np.linalg.norm(jacobian, 2) <= bound


def test_hidden_channels_that_read_or_write_nothing_do_no_harm() -> None:
    w, b = _block(5, 7)
    w[:, 0], b[:, 1] = 0.0, 0.0
    assert 1.0 <= _constant(w, b) <= 1 + 1e-6
    assert _constant(np.zeros_like(w), b) == 1.0


def test_a_block_of_the_wrong_sign_is_none() -> None:
    w, b = _block(5, 7)
    assert ResidualBlock.of(w, -b) is None
    assert _constant(w, -b) > 1.5
