"""Sorting rotated into the kernels beside it: the same function, and weights that come back."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lipbuild
from lipbuild.building.fold import Fold
from lipbuild.building.optimized import Optimized, optimized_model
from lipbuild.building.plain import plain_model
from lipbuild.building.rotation import rotated
from lipbuild.network.graph import Graph

CONV = {"SpectralConv2D": {"filters": 8, "kernel_size": 3}}
DENSE = {"SpectralDense": {"units": 6}}


def built(*layers: Any, shape: tuple[int, ...] = (6, 6, 2), lipschitz: float = 1.0) -> tuple[Graph, Any, Any]:
    """A config's graph, its model with random biases, and the plain form."""
    checked = lipbuild.load({"model": {"input": shape, "lipschitz": lipschitz, "layers": list(layers)}})
    assert checked.graph is not None
    keras.utils.set_random_seed(0)
    model = lipbuild.build(checked)
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if weight.name == "bias":
            weight.assign(rng.normal(size=weight.shape))
    return checked.graph, model, plain_model(model, checked.graph)


def kinds(model: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def optimized(*layers: Any, **arguments: Any) -> tuple[Optimized, keras.Model]:
    graph, model, plain = built(*layers, **arguments)
    result = optimized_model(model, graph, plain)
    x = np.random.default_rng(2).normal(size=(40, *graph.input_shape)).astype(np.float32)
    difference = np.abs(result.model.predict(x, verbose=0) - plain.predict(x, verbose=0)).max()
    assert difference <= 5e-6
    assert {w.path: w.shape for w in result.model.weights} == {w.path: w.shape for w in plain.weights}
    for weight, exact in zip(result.model.weights, plain.weights):
        back = result.unfolded(weight.path, np.asarray(weight))
        assert np.allclose(back, np.asarray(exact), atol=1e-6)
    return result, plain


def test_a_rotation_is_its_own_inverse_and_sorts_by_an_absolute_value() -> None:
    values = np.random.default_rng(0).normal(size=(5, 4, 6))
    for axis in (1, 2):
        assert np.allclose(rotated(rotated(values, axis), axis), values)
    s, t = np.split(rotated(values, 2), 2, axis=2)
    a, b = np.split(values, 2, axis=2)
    expected = np.concatenate([np.maximum(a, b), np.minimum(a, b)], axis=2)
    assert np.allclose(rotated(np.concatenate([s, np.abs(t)], axis=2), 2), expected)


@given(
    scale=st.sampled_from([1.0, 2.0, 0.25, -1.0, 0.3, 1.7]),
    positions=st.sampled_from([0, 1, 3]),
    outputs=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_kernel_that_comes_back_is_at_least_what_the_folded_one_does(
    scale: float, positions: int, outputs: bool, seed: int
) -> None:
    kernel = np.random.default_rng(seed).normal(size=(12, 6)).astype(np.float32)
    fold = Fold(scale, 12 // positions if positions else 0, outputs)
    folded = fold.kernel(kernel)
    back = fold.unfolded(folded)
    if fold.is_exact:
        assert np.array_equal(back, kernel)
        assert back.dtype == np.float32
    assert np.allclose(back, kernel, atol=1e-6)
    # |scale| · ‖back‖ is at least the norm of what the file holds, and hardly more.
    norm, wide = np.linalg.norm(folded.astype(np.float64), 2), np.linalg.norm(back.astype(np.float64), 2)
    assert norm <= abs(scale) * wide <= norm * (1 + 1e-11)


def test_sorting_between_linear_layers_becomes_one_operation() -> None:
    result, plain = optimized(
        CONV, "GroupSort2", {"ScaledAveragePooling2D": {"pool_size": 2}}, CONV, "GroupSort2", "Flatten", DENSE
    )
    assert "Concatenate" in kinds(plain)
    assert kinds(result.model) == [
        *("InputLayer", "Conv2D", "SignBitAbsolute", "AveragePooling2D"),
        *("Conv2D", "SignBitAbsolute", "FlatRows", "Dense"),
    ]
    folds = list(result.folds.values())
    assert [fold.outputs for fold in folds] == [True, True, False]
    assert [fold.inputs for fold in folds] == [0, 8, 8]
    assert folds[1].scale == 2.0


@pytest.mark.parametrize(
    "layers",
    [
        (CONV, "GroupSort2", {"MaxPooling2D": {"pool_size": 2}}, "Flatten", DENSE),
        (CONV, "GroupSort2"),
        (CONV, "ReLU", "GroupSort2", "Flatten", DENSE),
        (CONV, {"GroupSort2": {"pairing": "neighbours"}}, "Flatten", DENSE),
        ({"SpectralConv2D": {"filters": 8, "kernel_size": 3, "activation": "tanh"}}, "GroupSort2", CONV),
        (CONV, "GroupSort2", {"Residual": {"layers": [CONV]}}, "Flatten", DENSE),
        (CONV, "GroupSort2", {"Rescaling": {"scale": 0.5, "offset": 1.0}}, "Flatten", DENSE),
        ({"SpectralConv2D": {"filters": 8, "kernel_size": 3, "groups": 2}}, "GroupSort2", "Flatten", DENSE),
        (
            CONV,
            "GroupSort2",
            {"SpectralConv2D": {"filters": 8, "kernel_size": 3, "groups": 2}},
            "Flatten",
            DENSE,
        ),
    ],
    ids=["maximum", "output", "activation", "neighbours", "tanh", "skip", "offset", "groups", "into groups"],
)
def test_what_has_no_linear_layer_on_both_sides_stays(layers: tuple[Any, ...]) -> None:
    result, plain = optimized(*layers)
    assert not any(fold.inputs or fold.outputs for fold in result.folds.values())
    assert ("Concatenate" in kinds(result.model)) == ("Concatenate" in kinds(plain))


def test_two_readers_and_a_coefficient_are_folded_too() -> None:
    result, _ = optimized(
        {"SpectralDense": {"units": 8, "name": "stem"}},
        {"GroupSort2": {"k_coef_lip": 0.5, "name": "sort"}},
        {"OrthoDense": {"units": 4, "name": "left"}},
        {"AOLDense": {"units": 4, "name": "right", "inputs": ["sort"]}},
        {"Average": {"inputs": ["left", "right"]}},
        shape=(5,),
    )
    assert result.folds["left"] == result.folds["right"] == Fold(0.5, 8, False)
    assert result.folds["stem"] == Fold(1.0, 0, True)


def test_a_factor_that_is_a_power_of_two_leaves_every_bit() -> None:
    result, plain = optimized(
        CONV, "ReLU", {"ScaledAveragePooling2D": {"pool_size": 2}}, CONV, "Flatten", DENSE
    )
    assert all(fold.is_exact for fold in result.folds.values())
    assert "Rescaling" in kinds(plain)
    assert "Rescaling" not in kinds(result.model)
    for weight, exact in zip(result.model.weights, plain.weights):
        assert np.array_equal(result.unfolded(weight.path, np.asarray(weight)), np.asarray(exact))
