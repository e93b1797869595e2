from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.callbacks import CondenseCallback, LossParamLog, LossParamScheduler, MonitorCallback
from lipbuild.layers import SpectralDense
from lipbuild.losses import TauCategoricalCrossentropy
from tests.layers.spectral import singular_values

X = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
Y = np.eye(3, dtype="float32")[np.arange(32) % 3]


def nested() -> tuple[keras.Model, list[SpectralDense]]:
    layers = [
        SpectralDense(6, name="inner"),
        SpectralDense(6, name="outer"),
        SpectralDense(3, name="wrapped"),
    ]
    inner = keras.Sequential([keras.Input((6,)), layers[0]])
    time = keras.layers.TimeDistributed(layers[2])
    model = keras.Sequential(
        [keras.Input((6,)), inner, layers[1], keras.layers.Reshape((1, 6)), time, keras.layers.Flatten()]
    )
    return model, layers


def loosen(layers) -> None:
    for layer in layers:
        layer.kernel.assign(0.7 * layer.kernel)


def test_condensing_reaches_nested_and_wrapped_layers_before_validation():
    model, layers = nested()
    model.compile("sgd", "mse")
    loosen(layers)
    model.evaluate(X, Y, verbose=0, callbacks=[CondenseCallback()])
    for layer in layers:
        assert singular_values(layer.kernel).min() >= 1 - 1e-4


@pytest.mark.parametrize("arguments", [{}, {"on_batch": True}, {"on_epoch": False}])
def test_kernels_are_condensed_after_training(arguments):
    model, layers = nested()
    model.compile(keras.optimizers.Adam(1e-1), "mse")
    model.fit(X, Y, verbose=0, callbacks=[CondenseCallback(**arguments)])
    for layer in layers:
        assert singular_values(layer.kernel).min() >= 1 - 1e-4
    assert CondenseCallback(**CondenseCallback(**arguments).get_config()).get_config()[
        "on_epoch"
    ] == arguments.get("on_epoch", True)


@pytest.mark.parametrize("what", ["max", "all"])
@pytest.mark.parametrize("on_batch", [False, True])
def test_monitor_writes_events(what, on_batch, tmp_path):
    model, _ = nested()
    model.compile("sgd", "mse")
    callback = MonitorCallback(["outer"], str(tmp_path), target="wbar", what=what, on_batch=on_batch)
    model.fit(X, Y, verbose=0, callbacks=[callback])
    (events,) = (tmp_path / "metrics").iterdir()
    assert b"outer_wbar_sigmas" in events.read_bytes()
    assert MonitorCallback(**callback.get_config()).get_config() == callback.get_config()


def test_monitor_refuses_what_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match="target='bias'"):
        MonitorCallback(["outer"], str(tmp_path), target="bias")
    with pytest.raises(ValueError, match="what='min'"):
        MonitorCallback(["outer"], str(tmp_path), what="min")


def test_a_loss_parameter_follows_its_schedule_in_the_compiled_step():
    model = keras.Sequential([keras.Input((6,)), SpectralDense(3)])
    loss = TauCategoricalCrossentropy(1.0)
    model.compile(keras.optimizers.SGD(0.0), loss)
    callbacks = [LossParamScheduler("tau", fp=[1.0, 100.0], xp=[0, 1]), LossParamLog("tau")]
    history = model.fit(X, Y, batch_size=32, epochs=2, verbose=0, callbacks=callbacks).history["loss"]
    assert float(loss.tau) == 100.0
    assert history[1] != pytest.approx(history[0])
    with pytest.raises(ValueError, match="'alpha'"):
        model.fit(X, Y, verbose=0, callbacks=[LossParamScheduler("alpha", fp=[1.0], xp=[0])])
