"""Convolutions as operators, exported kernels in float64: the exact matrix on small images, Lanczos on larger ones."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from scipy.sparse import csr_matrix, vstack

from lipbuild.layers import (
    AOLConv2D,
    FrobeniusConv2D,
    OrthoConv2D,
    OrthoConv2DTranspose,
    OrthoDense,
    OrthoRNN,
    SpectralConv1D,
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
)
from lipbuild.testing.inputs import model_of, plain_model_of
from tests.layers.spectral import operator_norm

SIZES = [1, 2, 3, 4, 5, 6, 7]
LAYERS = [SpectralConv2D, FrobeniusConv2D, AOLConv2D, OrthoConv2D]


def variants(size: int) -> list[dict[str, Any]]:
    """Strides, paddings, channels, dilation and groups that a kernel of this size is tried with."""
    return [
        {},
        {"strides": 2, "padding": "valid"},
        {"strides": (1, 3)},
        {"dilation_rate": 2},
        {"groups": 2},
        {"kernel_size": (size, 1), "padding": "valid", "filters": 1},
    ]


def layer_of(cls: Any, size: int, arguments: dict[str, Any], initializer: Any) -> Any:
    """A layer, or None where it does not take the arguments."""
    arguments = {"filters": 4, "kernel_size": size, "kernel_initializer": initializer, **arguments}
    if "groups" in arguments and cls not in (SpectralConv2D, OrthoConv2D):
        return None
    kernel, strides = np.broadcast_to(arguments["kernel_size"], 2), arguments.get("strides", 1)
    if cls is OrthoConv2D and (kernel < np.broadcast_to(strides, 2)).any():
        return None
    return cls(**arguments, use_bias=False)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cls", LAYERS)
def test_an_exact_matrix_is_at_most_k_lipschitz(cls: Any, size: int) -> None:
    shape = (8, 9, 2) if size < 5 else (14, 13, 2)
    reached = 0.0
    for arguments in variants(size):
        layer = layer_of(cls, size, arguments, "orthogonal" if "strides" in arguments else "ones")
        if layer is None:
            continue
        model_of(layer, shape)
        gain = operator_norm(layer, shape)
        assert gain <= 1 + 1e-6, arguments
        reached = max(reached, gain)
    # A bound that nothing comes near would be held by any kernel.
    assert reached >= 0.5


def sparse_matrix(layer: Any, shape: tuple[int, ...]) -> csr_matrix:
    """The matrix of a convolution without bias: a value on a unit vector is a tap, without rounding."""
    size = int(np.prod(shape))
    parts = []
    for start in range(0, size, 512):
        rows = np.eye(size, dtype="float32")[start : start + 512]
        values = np.asarray(layer(rows.reshape(-1, *shape)))
        parts.append(csr_matrix(values.reshape(len(rows), -1).astype(np.float64)))
    return vstack(parts).tocsr()


def lanczos(matrix: csr_matrix, steps: int = 25) -> float:
    """The largest singular value on the Krylov space of the Gram matrix: from below, and near it."""
    basis = np.random.default_rng(0).normal(size=(matrix.shape[1], 1))
    basis /= np.linalg.norm(basis)
    for _ in range(steps):
        vector = matrix.T @ (matrix @ basis[:, -1])
        for _ in range(2):
            vector -= basis @ (basis.T @ vector)
        length = np.linalg.norm(vector)
        if length < 1e-9:
            break
        basis = np.column_stack([basis, vector / length])
    return float(np.linalg.norm(matrix @ basis, 2))


@pytest.mark.parametrize("size", SIZES)
def test_a_larger_image_is_within_the_same_constant(size: int) -> None:
    shape = (30, 28, 2)
    for cls in (*LAYERS, SpectralConv2DTranspose, OrthoConv2DTranspose):
        keras.utils.set_random_seed(size)
        layer = cls(2, size, kernel_initializer="orthogonal", use_bias=False)
        model_of(layer, shape)
        assert 0.1 < lanczos(sparse_matrix(layer, shape)) <= 1 + 1e-6


ORTHOGONAL = {
    "SpectralDense": (lambda: SpectralDense(6), (9,)),
    "SpectralDense, wide": (lambda: SpectralDense(9), (6,)),
    "SpectralConv1D": (lambda: SpectralConv1D(4, 3), (8, 2)),
    "SpectralConv2D": (lambda: SpectralConv2D(5, 3), (6, 6, 2)),
    "SpectralConv2D, grouped": (lambda: SpectralConv2D(6, 2, groups=2), (6, 6, 4)),
    "SpectralConv2DTranspose": (lambda: SpectralConv2DTranspose(2, 3, strides=2), (3, 3, 4)),
    "OrthoDense": (lambda: OrthoDense(6), (9,)),
    "OrthoDense, wide": (lambda: OrthoDense(9), (6,)),
    "OrthoRNN": (lambda: OrthoRNN(6), (4, 3)),
}


@pytest.mark.parametrize("name", ORTHOGONAL)
def test_an_exported_kernel_is_orthogonal_after_a_hostile_training(name: str) -> None:
    keras.utils.set_random_seed(0)
    make, shape = ORTHOGONAL[name]
    layer: Any = make()
    model = model_of(layer, shape)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, *shape)), rng.normal(size=(16, *model.output_shape[1:]))
    model.compile(keras.optimizers.Adam(1e-1), "mse", run_eagerly=True)
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    if hasattr(layer, "condense"):
        layer.condense()
    for weight in plain_model_of(layer, shape).get_weights():
        if weight.ndim < 2:
            continue
        kernel = weight.astype(np.float64) / getattr(layer, "factor", 1.0)
        if name == "OrthoRNN":
            kernel /= layer.scale if kernel.shape == layer.kernel.shape else 1.0
        for block in np.split(kernel.reshape(-1, kernel.shape[-1]), getattr(layer, "groups", 1), axis=1):
            values = np.linalg.svd(block, compute_uv=False)
            assert values.min() >= 1 - 1e-3
            assert values.max() <= 1 + 1e-6
