from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.constraints.deferred_retraction import LONGEST
from lipbuild.layers import SpectralDense

SIZE = 128  # the smallest square kernel whose retraction waits


def norm(kernel) -> float:
    return float(np.linalg.norm(np.asarray(kernel, dtype=np.float64), 2))


def data(samples=32):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, SIZE)).astype("float32")
    return x, rng.normal(size=(samples, SIZE)).astype("float32")


def owing(learning_rate=0.03, updates=3, **compiling) -> tuple[keras.Model, SpectralDense]:
    """A model whose kernel is off its manifold after a few updates."""
    keras.utils.set_random_seed(0)
    layer = SpectralDense(SIZE, use_bias=False)
    model = keras.Sequential([keras.Input((SIZE,)), layer])
    model.compile(keras.optimizers.SGD(learning_rate), "mse", **compiling)
    x, y = data()
    model.train_on_batch(x, y)  # retracted, and found to be near
    layer._deferred._interval.assign(float(LONGEST))
    for _ in range(updates):
        model.train_on_batch(x, 100 * y)
    return model, layer


def raw(layer) -> np.ndarray:
    return np.asarray(layer._kernel)


def test_a_small_kernel_is_retracted_after_every_update():
    layer = SpectralDense(10)
    layer.build((None, SIZE))
    assert layer._deferred is None


def test_fast_learning_is_retracted_at_once_and_slow_learning_seldom():
    _, fast = owing(updates=0)
    for _ in range(3):
        fast._deferred(fast._kernel + 0.5 * np.sign(np.random.default_rng(1).normal(size=(SIZE, SIZE))))
    assert float(fast._deferred._interval.value) == 1
    _, slow = owing(updates=0)
    slow.kernel.assign(slow.kernel)
    slow._deferred._interval.assign(1.0)
    slow._deferred(slow._kernel * 1.0001)
    assert float(slow._deferred._interval.value) == LONGEST


def looks(model, layer, folder):
    """Every way of getting at the kernel."""

    def checkpointed():
        path = tf.train.Checkpoint(model=model).save(str(folder / "checkpoint"))
        name = next(n for n, shape in tf.train.list_variables(path) if shape == [SIZE, SIZE])
        return tf.train.load_variable(path, name)

    def saved():
        model.save(folder / "model.keras")
        return keras.saving.load_model(folder / "model.keras").layers[0]._kernel

    def weights_file():
        model.save_weights(folder / "model.weights.h5")
        other = SpectralDense(SIZE, use_bias=False)
        other_model = keras.Sequential([keras.Input((SIZE,)), other])
        other_model.load_weights(folder / "model.weights.h5")
        return other._kernel

    def exported():
        model.export(folder / "saved_model", verbose=False)
        loaded = tf.saved_model.load(str(folder / "saved_model"))
        return applied(loaded.serve)

    def applied(function):
        return function(np.eye(SIZE, dtype="float32"))

    return {
        "kernel": lambda: layer.kernel,
        "weights": lambda: layer.weights[0],
        "variables": lambda: layer.variables[0],
        "trainable variables": lambda: model.trainable_variables[0],
        "get_weights": lambda: model.get_weights()[0],
        "checkpoint": checkpointed,
        "saved model": saved,
        "weights file": weights_file,
        "export": exported,
        "plain layer": lambda: layer.vanilla_export().kernel,
        "call": lambda: applied(model),
        "call outside training": lambda: applied(lambda z: model(z, training=False)),
        "predict": lambda: applied(lambda z: model.predict(z, verbose=0)),
        "function": lambda: applied(tf.function(lambda z: model(z))),
        "function outside training": lambda: applied(tf.function(lambda z: model(z, training=False))),
        "condense": lambda: (layer.condense(), raw(layer))[1],
    }


LOOKS = [
    "kernel",
    "weights",
    "variables",
    "trainable variables",
    "get_weights",
    "checkpoint",
    "saved model",
    "weights file",
    "export",
    "plain layer",
    "call",
    "call outside training",
    "predict",
    "function",
    "function outside training",
    "condense",
]


@pytest.fixture(scope="module")
def owed():
    """A model, its layer, and how the kernel and the count of updates were."""
    model, layer = owing()
    return model, layer, raw(layer).copy(), float(layer._deferred._pending.value)


@pytest.mark.parametrize("look", LOOKS)
def test_whoever_looks_sees_a_kernel_within_its_constraint(look, owed, tmp_path):
    model, layer, kernel, pending = owed
    assert norm(kernel) > 1 + 1e-4
    layer._kernel.assign(kernel)
    layer._deferred._pending.assign(pending)
    ways = looks(model, layer, tmp_path)
    assert list(ways) == LOOKS
    seen = np.asarray(ways[look]())
    assert norm(seen) <= 1 + 1e-6
    assert norm(seen) >= 0.99
    np.testing.assert_allclose(seen, np.asarray(layer.kernel), atol=1e-5)


def test_evaluating_settles_once():
    model, layer = owing()
    x, y = data()
    first = model.evaluate(x, y, verbose=0)
    assert norm(raw(layer)) <= 1 + 1e-6
    assert model.evaluate(x, y, verbose=0) == pytest.approx(first, rel=1e-6)


def test_an_exported_graph_assigns_nothing(tmp_path):
    model, _ = owing()
    model.export(tmp_path / "exported", verbose=False)
    serve = tf.saved_model.load(str(tmp_path / "exported")).signatures["serving_default"]
    functions = [serve.graph.as_graph_def().node]
    functions += [f.node_def for f in serve.graph.as_graph_def().library.function]
    assert not [node.name for nodes in functions for node in nodes if node.op.startswith("Assign")]


@pytest.mark.parametrize(
    "compiling", [{"jit_compile": True}, {"run_eagerly": True}, {"steps_per_execution": 4}]
)
@pytest.mark.parametrize("learning_rate", [1e-4, 10.0])
def test_a_fit_ends_within_the_constraint(compiling, learning_rate):
    model, layer = owing(learning_rate, updates=0, **compiling)
    x, y = data(96)
    seen: list[float] = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: seen.append(norm(layer.kernel)))
    model.fit(x, 10 * y, batch_size=8, epochs=2, verbose=0, callbacks=[watch], validation_data=(x, y))
    assert max(seen) <= 1 + 1e-6
    assert min(seen) >= 0.99


def test_mixed_precision_retracts_in_single_precision():
    layer = SpectralDense(SIZE, dtype="mixed_bfloat16")
    model = keras.Sequential([keras.Input((SIZE,)), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x, y = data()
    for _ in range(5):
        model.train_on_batch(x, 100 * y)
    model.predict(x, verbose=0)
    assert raw(layer).dtype == np.float32
    assert 1 - 1e-3 <= norm(raw(layer)) <= 1 + 1e-6


def test_gradient_through_a_map_outside_training_is_the_kernel():
    model, layer = owing()
    x = tf.constant(data()[0][:2])

    @tf.function
    def gradient():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x)[:, 0]
        return tape.gradient(y, x)

    np.testing.assert_allclose(gradient()[0], np.asarray(layer.kernel)[:, 0], atol=1e-6)
