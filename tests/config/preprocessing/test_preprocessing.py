"""Preprocessing as a config says it: shapes, constants, what is wrong with it and where."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lipbuild.config.preprocessing import PREPROCESSING
from lipbuild.data.forward import forward
from lipbuild.network.shapes import Shape
from lipbuild.network.specs import LayerSpec
from lipbuild.rules.check import Checked, check
from lipbuild.text.text import SourceText

IMAGE: Shape = (6, 9, 2)
NUMBERS = [0.25, -4.0]
# Each step with its constant: what its layers state is at least this, and no more than a hundredth above.
CASES = [
    ("Rescaling", {"scale": -3.0, "offset": 1.0}, 3.0),
    ("Rescaling", {"scale": NUMBERS}, 4.0),
    ("Normalization", {"mean": 1.0, "variance": 0.25}, 2.0),
    ("Normalization", {"mean": NUMBERS, "variance": [0.04, 4.0]}, 5.0),
    ("Normalization", {"mean": NUMBERS, "variance": [0.0, 4.0], "least_std": 0.5}, 2.0),
    ("Centering", {"mean": NUMBERS}, 1.0),
    ("Clip", {"min": -1.0, "max": 2.0}, 1.0),
    ("Clip", {"min": 0.0, "max": 1.0}, 1.0),
    ("Clip", {"min": 0.5}, 1.0),
    ("Clip", {"max": 0.5}, 1.0),
    ("CenterCrop", {"height": 3, "width": 4}, 1.0),
    ("ZeroPadding2D", {"padding": [[1, 2], [0, 3]]}, 1.0),
    ("Resizing", {"height": 12, "width": 18}, 2.0),
    ("Resizing", {"height": 12, "width": 9, "interpolation": "nearest"}, math.sqrt(2.0)),
    ("Resizing", {"height": 3, "width": 3, "interpolation": "nearest"}, 1.0),
]


def layers_of(name: str, arguments: dict[str, object], shape: Shape = IMAGE) -> list[LayerSpec]:
    return list(PREPROCESSING[name].model_validate(arguments).unfold(shape))


def gain_of(layers: list[LayerSpec], shape: Shape) -> tuple[float, Shape]:
    gain = 1.0
    for layer in layers:
        gain *= layer.gain(shape)
        shape = layer.output_shape(shape)
    return gain, shape


def matrix_of(layers: list[LayerSpec], at: np.ndarray) -> np.ndarray:
    """The Jacobian of a step, which is piecewise affine, around a point."""
    size, step = at.size, 2.0**-6
    moved = np.repeat(at[None], 2 * size, axis=0).reshape(2, size, size)
    moved[0][np.diag_indices(size)] += step
    moved[1][np.diag_indices(size)] -= step
    up, down = (forward(layers, part.reshape(size, *IMAGE).astype(np.float32)) for part in moved)
    return ((up - down) / (2 * step)).reshape(size, -1).astype(np.float64)


@pytest.mark.parametrize(("name", "arguments", "constant"), CASES)
def test_a_step_has_the_constant_that_its_layers_state(
    name: str, arguments: dict[str, object], constant: float
) -> None:
    layers = layers_of(name, arguments)
    stated, _ = gain_of(layers, IMAGE)
    norms = [
        np.linalg.norm(matrix_of(layers, np.random.default_rng(seed).normal(size=IMAGE)), 2)
        for seed in range(3)
    ]
    assert max(norms) <= stated * (1.0 + 1e-4)
    assert constant * (1.0 - 1e-6) <= stated <= constant * (1.0 + 1e-6)


@pytest.mark.parametrize("size", [(4, 5), (6, 9), (11, 20), (1, 1)])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_resizing_is_keras_and_within_its_constant(
    size: tuple[int, int], antialias: bool, interpolation: str
) -> None:
    import keras

    arguments = dict(zip(("height", "width"), size)) | {
        "interpolation": interpolation,
        "antialias": antialias,
    }
    layers = layers_of("Resizing", arguments)
    x = np.random.default_rng(0).normal(size=(5, *IMAGE)).astype(np.float32)
    found = forward(layers, x)
    assert np.allclose(found, keras.layers.Resizing(**arguments)(x), atol=1e-5)
    stated, shape = gain_of(layers, IMAGE)
    assert shape == found.shape[1:]
    true = np.linalg.norm(matrix_of(layers, np.zeros(IMAGE)), 2)
    assert true <= stated * (1 + 1e-6)
    assert stated <= true * 1.25


def test_steps_compute_what_they_say() -> None:
    x = np.random.default_rng(0).normal(size=(5, *IMAGE)).astype(np.float32)

    def done(name: str, **arguments: object) -> np.ndarray:
        return forward(layers_of(name, arguments), x)

    assert np.allclose(done("Rescaling", scale=NUMBERS, offset=2.0), x * NUMBERS + 2.0, atol=1e-6)
    assert np.allclose(done("Centering", mean=NUMBERS), x - NUMBERS, atol=1e-6)
    for low, high in ((-0.5, 0.75), (0.0, 1.0), (-0.5, None), (None, 0.75)):
        assert np.allclose(done("Clip", min=low, max=high), np.clip(x, low, high), atol=1e-6)
    normalized = done("Normalization", mean=NUMBERS, variance=[0.04, 4.0], least_std=0.5)
    assert np.allclose(normalized, (x - NUMBERS) / [0.5, 2.0], atol=1e-5)
    assert np.array_equal(done("CenterCrop", height=3, width=4), x[:, 1:4, 2:6])
    assert done("ZeroPadding2D", padding=2).shape == (5, 10, 13, 2)


def config(steps: str, layers: str = "[Flatten, SpectralDense: {units: 10}]", promise: str = "") -> Checked:
    text = f"model:\n  {promise}layers: {layers}\ndata:\n  source: digits\n  preprocess: {steps}\n"
    return check(SourceText("c.yaml", text))


def test_the_promise_is_the_networks_and_its_constant_counts_from_the_data() -> None:
    checked = config("[Rescaling: {scale: 0.5}]", promise="lipschitz: 4\n  ")
    assert checked.ok
    assert checked.graph is not None
    assert checked.graph.node("spectral_dense_1").gain == 4.0
    assert checked.graph.preprocessing_bound == 0.5
    assert (checked.graph.bound, checked.graph.lipschitz) == (2.0, 2.0)


def test_a_step_does_not_change_what_the_layers_share() -> None:
    residual = "[Residual: {layers: [Flatten: {name: f}, Reshape: {target_shape: [8, 8, 1]}]}, Flatten]"
    for layers in ("[Flatten, SpectralDense: {units: 4}, GroupSort2, SpectralDense: {units: 10}]", residual):
        plain = config("[]", layers).graph
        scaled = config("[Rescaling: {scale: 0.0039215686}]", layers).graph
        assert plain is not None
        assert scaled is not None
        assert scaled.share == plain.share
        assert scaled.bound <= scaled.lipschitz


def test_input_names_what_the_preprocessing_makes() -> None:
    layers = "[Flatten: {name: a}, Flatten: {inputs: [input], name: b}, Average: {inputs: [a, b]}]"
    graph = config("[Rescaling: {scale: 2.0}]", layers).graph
    assert graph is not None
    assert graph.node("b").inputs == ("rescaling_1",)
    assert graph.bound == 2.0


def test_what_is_fitted_has_the_constant_of_its_floor() -> None:
    graph = config("[Centering, Normalization: {least_std: 0.25}]").graph
    assert graph is not None
    assert not graph.is_fitted
    assert graph.preprocessing_bound == 4.0


@pytest.mark.parametrize(
    ("steps", "rule", "at", "message"),
    [
        ("[Normalization]", "standardized-inputs", "Normalization", "no least one is given"),
        ("[Standardize]", "unknown-names", "Standardize", "unknown preprocessing step"),
        ("[Rescaling: {scale: [1, 2]}]", "shape-mismatches", "[1, 2]", "has 2 numbers"),
        ("[Centering: {mean: [1, 2]}]", "shape-mismatches", "[1, 2]", "has 2 numbers"),
        ("[Rescaling: {}]", "missing-keys", "Rescaling", "`scale`"),
        ("[CenterCrop: {height: 9, width: 8}]", "shape-mismatches", "CenterCrop", "9×8 of an image of 8×8"),
        ("[Clip]", "out-of-range-values", "Clip", "`Clip` needs a `min`"),
        ("[Clip: {min: 1, max: 0}]", "out-of-range-values", "1", "`min` must be below `max`"),
        ("[Normalization: {mean: 0}]", "out-of-range-values", "mean", "needs a `variance`"),
        ("[Normalization: {mean: 0, variance: 0}]", "out-of-range-values", "0", "a variance is 0"),
        ("[Normalization: {mean: 0, variance: -1}]", "out-of-range-values", "-1", "at least 0"),
        ("[Resizing: {height: 8, widht: 8}]", "unknown-keys", "widht", "no key `widht`"),
        ("Rescaling", "wrong-types", "Rescaling", "takes a list"),
    ],
)
def test_what_is_wrong_with_a_step_is_said_at_its_place(steps: str, rule: str, at: str, message: str) -> None:
    (diagnostic,) = config(steps).diagnostics
    assert diagnostic.rule == rule
    assert diagnostic.span.text == at
    assert message in diagnostic.message
