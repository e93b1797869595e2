"""What holds for every layer of lipbuild, checked in one call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lipbuild.layers import Condensable
from lipbuild.utils import evaluate_lip_const
from tests.layers.spectral import norm

to_numpy = keras.ops.convert_to_numpy


def as_list(shapes: Any) -> list[tuple[int, ...]]:
    return shapes if isinstance(shapes, list) else [shapes]


def inputs_for(shapes: Any) -> Any:
    inputs = [keras.Input(shape) for shape in as_list(shapes)]
    return inputs if isinstance(shapes, list) else inputs[0]


def samples(shapes: Any, batch: int = 4, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=(batch, *shape)).astype("float32") for shape in as_list(shapes)]
    return values if isinstance(shapes, list) else values[0]


def gain(model: keras.Model, shapes: Any) -> float:
    """The largest norm of the Jacobian seen, with respect to all inputs together."""
    if not isinstance(shapes, list):
        return evaluate_lip_const(model, samples(shapes))
    size = int(np.prod(shapes[0]))
    joint = keras.Input((len(shapes) * size,))
    parts = keras.ops.split(joint, len(shapes), axis=-1)
    outputs = model([keras.ops.reshape(p, (-1, *shape)) for p, shape in zip(parts, shapes, strict=True)])
    return evaluate_lip_const(keras.Model(joint, outputs), samples((len(shapes) * size,)))


def run_lipschitz_layer_test(
    layer_class: Any, init_kwargs: dict[str, Any], input_shape: Any, folder: Path, jit: bool = True
) -> None:
    """Shapes, configuration, constant, training, saving, cloning, export, mixed precision and XLA of one layer.

    Args:
        layer_class: the class.
        init_kwargs: its arguments.
        input_shape: shape of an input without the batch, or a list of them.
        folder: where to save.
        jit: whether XLA compiles the layer.
    """
    keras.utils.set_random_seed(0)
    for k in (1.0, 0.5):
        layer = layer_class(**init_kwargs, k_coef_lip=k)
        inputs = inputs_for(input_shape)
        model = keras.Model(inputs, layer(inputs))
        _check_shapes(layer, model, input_shape)
        _check_config(layer_class, layer)
        _check_constant(layer, model, input_shape, k)
    _check_training(layer, model, input_shape)
    _check_constant(layer, model, input_shape, k)
    _check_copies(layer, model, input_shape, folder / "model.keras")
    _check_mixed_precision(layer_class, init_kwargs, input_shape)
    if jit:
        x = samples(input_shape)
        compiled = tf.function(lambda t: layer(t), jit_compile=True)(x)
        np.testing.assert_allclose(compiled, layer(x), atol=1e-5)


def _check_shapes(layer: Any, model: keras.Model, input_shape: Any) -> None:
    shapes = [(4, *shape) for shape in as_list(input_shape)]
    stated = tuple(layer.compute_output_shape(shapes if isinstance(input_shape, list) else shapes[0]))
    assert tuple(model.predict(samples(input_shape), verbose=0).shape) == stated
    assert tuple(model.output_shape[1:]) == stated[1:]
    # Any batch size, in a graph that does not know it.
    assert model.predict(samples(input_shape, batch=3), verbose=0).shape[0] == 3


def _check_config(layer_class: Any, layer: Any) -> None:
    config = layer.get_config()
    json.dumps(keras.saving.serialize_keras_object(layer))
    again = layer_class.from_config(config)
    assert again.get_config() == config
    assert again.k_coef_lip == layer.k_coef_lip


def _check_constant(layer: Any, model: keras.Model, input_shape: Any, k: float) -> None:
    if hasattr(layer, "kernel"):
        assert norm(layer.kernel, getattr(layer, "groups", 1)) <= 1 + 1e-6 or layer.lipschitz_bound() > k
    shapes = [(None, *shape) for shape in as_list(input_shape)]
    bound = layer.lipschitz_bound(shapes if isinstance(input_shape, list) else shapes[0])
    assert gain(model, input_shape) <= bound * (1 + 1e-5)


def _check_training(layer: Any, model: keras.Model, input_shape: Any) -> None:
    x = samples(input_shape, batch=8, seed=1)
    y = np.random.default_rng(2).normal(size=(8, *model.output_shape[1:])).astype("float32")
    before = [to_numpy(w) for w in layer.trainable_weights]
    model.compile(keras.optimizers.Adam(1e-1), "mse")
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    for old, new in zip(before, layer.trainable_weights, strict=True):
        assert np.isfinite(to_numpy(new)).all()
        assert np.abs(to_numpy(new) - old).max() > 0, new.path
    if isinstance(layer, Condensable):
        layer.condense()
        once = to_numpy(layer.weights[0])
        layer.condense()
        np.testing.assert_allclose(to_numpy(layer.weights[0]), once, atol=1e-6)


def _check_copies(layer: Any, model: keras.Model, input_shape: Any, path: Path) -> None:
    x = samples(input_shape, seed=3)
    expected = model.predict(x, verbose=0)
    model.save(path)
    loaded = keras.saving.load_model(path)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), expected)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(x, verbose=0), expected)

    inputs = inputs_for(input_shape)
    plain = keras.Model(inputs, layer.plain_call(inputs))
    exported = layer.vanilla_export()
    for other in (plain, exported):
        assert "lipbuild" not in json.dumps(keras.saving.serialize_keras_object(other))
        np.testing.assert_allclose(to_numpy(other(x)), expected, atol=1e-5)
    plain.save(path)
    np.testing.assert_allclose(keras.saving.load_model(path).predict(x, verbose=0), expected, atol=1e-5)


def _check_mixed_precision(layer_class: Any, init_kwargs: dict[str, Any], input_shape: Any) -> None:
    layer = layer_class(**init_kwargs, dtype="mixed_bfloat16")
    inputs = inputs_for(input_shape)
    model = keras.Model(inputs, layer(inputs))
    x = samples(input_shape)
    assert keras.backend.standardize_dtype(model(x).dtype) == "bfloat16"
    assert all(keras.backend.standardize_dtype(w.dtype) == "float32" for w in layer.weights)
    y = np.zeros((4, *model.output_shape[1:]), "float32")
    model.compile(keras.optimizers.SGD(10.0), "mse")
    model.fit(x, y, verbose=0)
    if hasattr(layer, "kernel") and layer.lipschitz_bound() <= 1:
        assert norm(layer.kernel, getattr(layer, "groups", 1)) <= 1
