"""What holds for every layer that states a Lipschitz constant, checked in one call."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lipbuild.layers.lipschitz_layer import Condensable
from lipbuild.testing.gain import gain_in_float64, gain_of
from lipbuild.testing.hostile_weights import assign, hostile_states, kernels
from lipbuild.testing.inputs import Shapes, as_list, batched, model_of, plain_model_of, samples

TOLERANCE = 1e-6
"""By how much, relatively, a gain may exceed the stated constant: rounding of the weights."""

_to_numpy = keras.ops.convert_to_numpy


def run_lipschitz_layer_test(
    layer_class: Any, init_kwargs: dict[str, Any], input_shape: Shapes, *, jit_compile: bool = True
) -> None:
    """Check everything that `LipschitzLayer` promises of one layer.

    - `compute_output_shape`, any batch size, functional and sequential use; `get_config`, `from_config`.
    - The gain of the exported weights in float64 is at most the stated constant: at the start, for two values of
      `k_coef_lip`; after each epoch of training with Adam at 1e-1 and SGD at 10; in the saved file; with zeros, with
      kernels of rank 1, with one singular value of 1e6, with entries of 1e20 and 1e-15.
    - What is not a number is not masked. Condensing twice changes nothing.
    - Saving, loading and cloning keep the function; the plain form has it too, and no class of lipbuild.
    - In mixed precision weights stay in float32 and keep the constant; XLA compiles the layer and its gradient.

    Args:
        layer_class: The class. It takes `k_coef_lip`.
        init_kwargs: Its other arguments.
        input_shape: The shape of its input without the batch, all sizes known and small, or a list of them.
        jit_compile: Whether XLA compiles the layer, where its `supports_jit` says so.

    Raises:
        AssertionError: Something of it does not hold.
    """
    keras.utils.set_random_seed(0)
    for k in (0.5, 1.0):
        layer = layer_class(**init_kwargs, k_coef_lip=k)
        model = model_of(layer, input_shape)
        _check_config(layer_class, layer)
        check_constant(layer, input_shape, f"at the start, with k_coef_lip={k}")
    _check_shapes(layer, model, input_shape)
    if len(as_list(input_shape)) == 1:
        _check_sequential_use(layer, model, input_shape)
    start = layer.get_weights()
    for optimizer in (keras.optimizers.SGD(10.0), keras.optimizers.Adam(1e-1)):
        layer.set_weights(start)
        _check_training(layer, model, input_shape, optimizer)
    _check_condensing(layer)
    with tempfile.TemporaryDirectory() as folder:
        _check_copies(layer, model, input_shape, Path(folder) / "model.keras")
    _check_mixed_precision(layer_class, init_kwargs, input_shape)
    if jit_compile and layer.supports_jit:
        _check_jit(layer, input_shape)
    _check_hostile_weights(layer, input_shape)


def check_constant(layer: Any, input_shape: Shapes, when: str) -> None:
    """The gain of the exported weights against the constant that the layer states."""
    bound = layer.lipschitz_bound(batched(input_shape, None))
    gain = gain_of(layer, input_shape)
    assert gain <= bound * (1.0 + TOLERANCE), f"{when}: a gain of {gain:.9g}, and {bound:.9g} is stated"


def _check_config(layer_class: Any, layer: Any) -> None:
    config = layer.get_config()
    json.dumps(keras.saving.serialize_keras_object(layer))
    again = layer_class.from_config(config)
    assert again.get_config() == config
    assert again.k_coef_lip == layer.k_coef_lip


def _check_shapes(layer: Any, model: keras.Model, input_shape: Shapes) -> None:
    stated = tuple(layer.compute_output_shape(batched(input_shape, 4)))
    assert tuple(model(samples(input_shape)).shape) == stated
    assert tuple(model.output_shape[1:]) == stated[1:]
    # Another batch size, in a graph that does not know it.
    assert model.predict(samples(input_shape, batch=3), verbose=0).shape == (3, *stated[1:])


def _check_sequential_use(layer: Any, model: keras.Model, input_shape: Shapes) -> None:
    sequential = keras.Sequential([keras.Input(input_shape), type(layer).from_config(layer.get_config())])
    sequential.set_weights(model.get_weights())
    x = samples(input_shape)
    np.testing.assert_array_equal(_to_numpy(sequential(x)), _to_numpy(model(x)))


def _check_training(layer: Any, model: keras.Model, input_shape: Shapes, optimizer: Any) -> None:
    x = samples(input_shape, batch=8, seed=1)
    y = np.random.default_rng(2).normal(size=(8, *model.output_shape[1:])).astype("float32")
    before = [_to_numpy(w) for w in layer.trainable_weights]
    # Once as a graph and once not, which is sooner for so few steps.
    eager = isinstance(optimizer, keras.optimizers.SGD)
    model.compile(optimizer, "mse", run_eagerly=eager, jit_compile=False)
    for epoch in (1, 2):
        model.fit(x, y, batch_size=4, verbose=0)
        check_constant(layer, input_shape, f"after epoch {epoch} of {type(optimizer).__name__}")
    for old, new in zip(before, layer.trainable_weights, strict=True):
        assert np.isfinite(_to_numpy(new)).all(), new.path
        assert np.abs(_to_numpy(new) - old).max() > 0, f"{new.path} is not trained"


def _check_condensing(layer: Any) -> None:
    condensable = isinstance(layer, Condensable)
    if not condensable:
        return
    layer.condense()
    once = layer.get_weights()
    layer.condense()
    for first, second in zip(once, layer.get_weights(), strict=True):
        np.testing.assert_allclose(second, first, atol=1e-6)


def _check_copies(layer: Any, model: keras.Model, input_shape: Shapes, path: Path) -> None:
    x = samples(input_shape, seed=3)
    expected = _to_numpy(model(x))
    model.save(path)
    loaded = keras.saving.load_model(path)
    np.testing.assert_array_equal(_to_numpy(loaded(x)), expected)
    check_constant(loaded.get_layer(layer.name), input_shape, "in the saved file")
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(_to_numpy(clone(x)), expected)
    exported = layer.vanilla_export()
    for other in (plain_model_of(layer, input_shape), exported):
        assert "lipbuild" not in json.dumps(keras.saving.serialize_keras_object(other))
        np.testing.assert_allclose(_to_numpy(other(x)), expected, atol=1e-5)
    plain = plain_model_of(layer, input_shape)
    plain.save(path)
    np.testing.assert_allclose(_to_numpy(keras.saving.load_model(path)(x)), expected, atol=1e-5)


def _check_mixed_precision(layer_class: Any, init_kwargs: dict[str, Any], input_shape: Shapes) -> None:
    layer = layer_class(**init_kwargs, dtype="mixed_bfloat16")
    model = model_of(layer, input_shape)
    x = samples(input_shape)
    assert keras.backend.standardize_dtype(model(x).dtype) == "bfloat16"
    assert all(keras.backend.standardize_dtype(w.dtype) == "float32" for w in layer.weights)
    model.compile(keras.optimizers.SGD(10.0), "mse", run_eagerly=True)
    model.fit(x, np.zeros((4, *model.output_shape[1:]), "float32"), verbose=0)
    single = layer_class(**init_kwargs)
    model_of(single, input_shape)
    single.set_weights(layer.get_weights())
    check_constant(single, input_shape, "after a step in mixed precision")


def _check_jit(layer: Any, input_shape: Shapes) -> None:
    import tensorflow as tf

    x = samples(input_shape)

    def gradients(inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            outputs = layer(inputs)
            loss = tf.reduce_sum(tf.square(outputs))
        return outputs, tape.gradient(loss, layer.trainable_variables)

    expected, compiled = gradients(x), tf.function(gradients, jit_compile=True)(x)
    for one, other in zip(tf.nest.flatten(compiled), tf.nest.flatten(expected), strict=True):
        scale = max(1.0, float(np.abs(other).max()))
        np.testing.assert_allclose(one, other, atol=1e-5 * scale, rtol=0.0)


def _check_hostile_weights(layer: Any, input_shape: Shapes) -> None:
    if not kernels(layer):
        return
    kept = layer.get_weights()
    for state in hostile_states(layer):
        assert all(np.isfinite(_to_numpy(w)).all() for w in layer.weights), state
        check_constant(layer, input_shape, f"with {state}")
    assign(layer, lambda shape: np.full(shape, np.nan))
    if isinstance(layer, Condensable):
        layer.condense()
    assert np.isnan(gain_in_float64(plain_model_of(layer, input_shape), input_shape)), "NaN is masked"
    layer.set_weights(kept)
