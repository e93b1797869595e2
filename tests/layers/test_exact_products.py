"""Kernels that are computed from their weights, where a GPU would cut float32 products to TensorFloat-32."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.layers import AOLConv2D, AOLDense, CPLConv2D, CPLDense, OrthoConv2D, SLLConv2D, SLLDense
from lipbuild.normalizers import retraction
from lipbuild.testing.inputs import model_of, plain_model_of

LAYERS = {
    "AOLDense": (lambda: AOLDense(5), (7,)),
    "AOLConv2D": (lambda: AOLConv2D(4, 3), (6, 5, 3)),
    "OrthoConv2D": (lambda: OrthoConv2D(4, 3), (6, 5, 3)),
    "SLLDense": (lambda: SLLDense(6), (5,)),
    "SLLConv2D": (lambda: SLLConv2D(3), (5, 4, 2)),
    "CPLDense": (lambda: CPLDense(6), (5,)),
    "CPLConv2D": (lambda: CPLConv2D(3), (5, 4, 2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_products_are_taken_in_float64_where_float32_is_cut(name: str, monkeypatch: Any) -> None:
    make, shape = LAYERS[name]
    layer: Any = make()
    model = model_of(layer, shape)
    x = np.random.default_rng(0).normal(size=(4, *shape)).astype("float32")
    expected = np.asarray(model(x))
    seen = []
    matmul, conv, transposing = keras.ops.matmul, keras.ops.conv, tf.matmul

    def watched(function: Any) -> Any:
        def call(first: Any, second: Any, **kwargs: Any) -> Any:
            seen.append(str(second.dtype))
            return function(first, second, **kwargs)

        return call

    monkeypatch.setattr(retraction, "_tensor_float_32", lambda: True)
    monkeypatch.setattr(keras.ops, "matmul", watched(matmul))
    monkeypatch.setattr(keras.ops, "conv", watched(conv))
    monkeypatch.setattr(tf, "matmul", watched(transposing))
    kernels = layer._kernels() if hasattr(layer, "_kernels") else [layer.effective_kernel()]
    assert set(map(str, seen)) <= {"float64", "<dtype: 'float64'>"}
    assert seen
    assert all(keras.backend.standardize_dtype(kernel.dtype) == "float64" for kernel in kernels)
    monkeypatch.setattr(keras.ops, "matmul", matmul)
    monkeypatch.setattr(keras.ops, "conv", conv)
    monkeypatch.setattr(tf, "matmul", transposing)
    # It is still a layer in float32, of the same function, and it is exported and trained as one.
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    np.testing.assert_allclose(plain_model_of(layer, shape)(x), expected, atol=1e-5)
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    model.fit(x, np.zeros_like(expected), verbose=0)
