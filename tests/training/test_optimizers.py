from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild.config.choices import OPTIMIZERS
from lipbuild.layers import OrthoConv2D, OrthoDense, SpectralDense
from lipbuild.training.compile import keras_optimizer
from lipbuild.training.kernel_spectrum import kernel_spectra
from lipbuild.training.riemannian_muon import orthogonal_factor


def _trained(
    rate: float, steps: int, kind: str = "RiemannianAdam", **arguments: object
) -> tuple[keras.Model, keras.optimizers.Optimizer]:
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((4, 4, 2)),
        OrthoConv2D(4, 3),
        keras.layers.Flatten(),
        SpectralDense(6),
        OrthoDense(3),
    ]
    model = keras.Sequential(layers)
    spec = OPTIMIZERS[kind].model_validate({"learning_rate": rate, **arguments})
    optimizer = keras_optimizer(spec)
    optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(0)
    x, y = rng.random((8, 4, 4, 2)).astype("float32"), rng.standard_normal((8, 3)).astype("float32")

    @tf.function
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(loss, [v.value for v in variables]), variables)
        return loss

    model.losses_seen = [float(step()) for _ in range(steps)]
    return model, optimizer


@pytest.mark.parametrize(
    ("kind", "rate", "lookahead"),
    [
        ("RiemannianAdam", 0.03, 3),
        ("RiemannianAdam", 1e4, 2),
        ("RiemannianMuon", 1e4, 2),
        pytest.param("RiemannianAdam", 0.03, None, marks=pytest.mark.nightly),
        pytest.param("RiemannianAdam", 3.0, None, marks=pytest.mark.nightly),
        pytest.param("RiemannianMuon", 0.03, None, marks=pytest.mark.nightly),
        pytest.param("Nadam", 0.03, 3, marks=pytest.mark.nightly),
    ],
)
def test_kernels_stay_orthogonal_at_any_learning_rate(kind: str, rate: float, lookahead: int | None) -> None:
    model, _ = _trained(rate, 12, kind, lookahead=lookahead)
    for layer in model.layers:
        for values in kernel_spectra(layer).values():
            np.testing.assert_allclose(values, 1.0, atol=1e-4)
            assert values.max() <= 1.0 + 1e-6
    if rate < 1.0:
        assert model.losses_seen[-1] < model.losses_seen[0]


@pytest.mark.parametrize("kind", ["Nadam", pytest.param("RiemannianAdam", marks=pytest.mark.nightly)])
def test_slow_weights_go_half_of_the_way_and_the_weights_with_them(kind: str) -> None:
    (ahead, optimizer), (plain, _) = _trained(0.03, 4, kind, lookahead=4), _trained(0.03, 4, kind)
    start, _ = _trained(0.03, 1, kind)
    first, last, found = (np.asarray(model.layers[2].bias) for model in (start, plain, ahead))
    np.testing.assert_allclose(found, (first + last) / 2.0, rtol=1e-5)
    slow = [variable for variable in optimizer.variables if "slow" in variable.path]
    assert len(slow) == len(ahead.trainable_variables)


def test_nadam_without_a_lookahead_is_keras_s() -> None:
    keras.utils.set_random_seed(0)
    start = np.linspace(-1.0, 1.0, 6, dtype=np.float32).reshape(2, 3)
    found = []
    for optimizer in (keras_optimizer(OPTIMIZERS["Nadam"]()), keras.optimizers.Nadam()):
        variable = keras.Variable(start)
        optimizer.build([variable])
        for step in range(3):
            optimizer.apply([tf.constant(start + step)], [variable])
        found.append(np.asarray(variable))
    assert np.array_equal(*found)


@pytest.mark.parametrize("shape", [(9, 4), (4, 9), (3, 6, 6), (3, 3, 2, 5)])
def test_a_step_of_muon_turns_all_directions_about_alike(shape: tuple[int, ...]) -> None:
    gradient = np.random.default_rng(0).standard_normal(shape).astype("float32")
    found = np.asarray(orthogonal_factor(tf.constant(gradient)))
    assert found.shape == shape
    matrices = found.reshape(-1, shape[-1]) if len(shape) > 3 else found
    values = np.linalg.svd(matrices, compute_uv=False)
    assert 0.6 < values.min() <= values.max() < 1.3
    assert np.array_equal(np.asarray(orthogonal_factor(tf.zeros(shape))), np.zeros(shape))


def test_kernels_on_no_manifold_are_updated_as_by_adam() -> None:
    start = np.linspace(-1.0, 1.0, 6, dtype=np.float32).reshape(2, 3)
    found = []
    for kind in ("RiemannianMuon", "Adam"):
        optimizer, variable = keras_optimizer(OPTIMIZERS[kind]()), keras.Variable(start)
        optimizer.build([variable])
        for step in range(3):
            optimizer.apply([tf.constant(start + step)], [variable])
        found.append(np.asarray(variable))
    assert np.array_equal(*found)
