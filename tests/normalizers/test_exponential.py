from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.linalg import expm

from lipbuild.normalizers.exponential import exponential_step
from lipbuild.normalizers.tangent import project

SHAPES = [(8, 8), (12, 5), (5, 12), (3, 6, 4), (1, 7)]


def _orthonormal(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    u, _, v = np.linalg.svd(np.random.default_rng(seed).standard_normal(shape), full_matrices=False)
    return u @ v


def _error(w: np.ndarray) -> float:
    w = w if w.shape[-2] >= w.shape[-1] else np.swapaxes(w, -1, -2)
    return float(np.abs(np.swapaxes(w, -1, -2) @ w - np.eye(w.shape[-1])).max())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1e-4, 0.1, 1.0])
def test_a_step_is_the_exponential_of_a_skew_matrix(shape: tuple[int, ...], size: float) -> None:
    w = _orthonormal(shape)
    step = np.random.default_rng(1).standard_normal(shape)
    step *= size / np.linalg.norm(step, 2, axis=(-2, -1), keepdims=True)
    moved = np.asarray(exponential_step(keras.ops.convert_to_tensor(w), keras.ops.convert_to_tensor(step)))
    assert _error(moved) < 1e-6
    w, step, moved = (x if shape[-2] >= shape[-1] else np.swapaxes(x, -1, -2) for x in (w, step, moved))
    for one, its, by in zip(
        w.reshape(-1, *w.shape[-2:]), moved.reshape(-1, *w.shape[-2:]), step.reshape(-1, *w.shape[-2:])
    ):
        d = np.asarray(project(one, by))
        p = d - 0.5 * one @ (one.T @ d)
        np.testing.assert_allclose(its, expm(p @ one.T - one @ p.T) @ one, atol=1e-6)
        np.testing.assert_allclose(its, one + d, atol=2.0 * size**2)


@pytest.mark.parametrize("size", [0.0, 1e3, 1e30])
def test_a_step_of_any_length_gives_something_finite(size: float) -> None:
    w = keras.ops.convert_to_tensor(_orthonormal((6, 6)).astype("float32"))
    step = size * np.random.default_rng(1).standard_normal((6, 6)).astype("float32")
    moved = np.asarray(exponential_step(w, keras.ops.convert_to_tensor(step)))
    assert np.isfinite(moved).all()
    if not size:
        np.testing.assert_allclose(moved, w, atol=1e-6)
