"""Averages of weights and half precision: what is measured and saved is float32 and within its constraints."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.config.choices import AVERAGES
from lipbuild.layers import FrobeniusDense, PReLUlip, SpectralDense
from lipbuild.training.compile import keras_loss
from lipbuild.training.settle import settle
from lipbuild.training.variables import set_values, values_of
from lipbuild.training.weight_average import WeightAverage
from tests.training.conftest import SMALL


@pytest.fixture(scope="module")
def sets() -> tuple[keras.Model, list[list[np.ndarray]]]:
    """A model with three kinds of constraints, and the weights of five steps away from where it started."""
    keras.utils.set_random_seed(0)
    layers = [SpectralDense(6), PReLUlip(), FrobeniusDense(4), SpectralDense(3)]
    model = keras.Sequential([keras.Input((5,)), *layers])
    rng = np.random.default_rng(0)
    sets = []
    for _ in range(5):
        set_values(model.weights, [w + rng.normal(size=w.shape) for w in values_of(model.weights)])
        settle(model)
        sets.append(values_of(model.weights))
    return model, sets


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        # The plain mean of the last two epochs of five.
        ("SWA", {"start_epoch": 3}, [0, 0, 0, 1 / 2, 1 / 2]),
        ("SWA", {}, [0, 0, 0, 1 / 2, 1 / 2]),
        ("SWA", {"start_epoch": 99}, [0, 0, 0, 0, 1]),
        # The plain mean of two, then half of what comes.
        ("EMA", {"momentum": 0.5}, [1 / 16, 1 / 16, 1 / 8, 1 / 4, 1 / 2]),
        ("EMA", {"momentum": 0.99}, [1 / 5] * 5),
    ],
)
def test_an_average_is_what_its_formula_says(
    name: str,
    arguments: dict[str, float],
    expected: list[float],
    sets: tuple[keras.Model, list[list[np.ndarray]]],
) -> None:
    model, weights = sets
    average = WeightAverage(model, AVERAGES[name].model_validate(arguments), epochs=5)
    assert average.values() is None
    for epoch, values in enumerate(weights):
        set_values(model.weights, values)
        if average.each_step:
            average.take()
        average.end_epoch(epoch)
    found = average.values()
    assert found is not None
    for number, mean in enumerate(found):
        wanted = sum(share * values[number] for share, values in zip(expected, weights))
        np.testing.assert_allclose(mean, wanted, atol=1e-6)


def test_averaged_kernels_are_brought_back_to_their_constraints(
    sets: tuple[keras.Model, list[list[np.ndarray]]],
) -> None:
    model, weights = sets
    means = [np.mean(values, axis=0) for values in zip(*weights)]
    set_values(model.weights, means)
    norms = [np.linalg.norm(kernel, 2) for kernel in (means[0], means[-2])]
    assert max(norms) < 0.9, "an average of orthogonal kernels is none"
    settle(model)
    first, slopes, frobenius, last = (
        np.asarray(layer.kernel if hasattr(layer, "kernel") else layer.alpha, np.float64)
        for layer in model.layers
    )
    for kernel, mean in ((first, means[0]), (last, means[-2])):
        # The nearest orthogonal matrix, by a decomposition.
        u, _, v = np.linalg.svd(mean.astype(np.float64), full_matrices=False)
        np.testing.assert_allclose(kernel, u @ v, atol=1e-3)
        assert np.linalg.norm(kernel, 2) <= 1.0
    np.testing.assert_allclose(np.linalg.norm(frobenius, axis=0), 1.0, atol=1e-5)
    assert np.abs(slopes).max() <= 1.0


def assert_sound(run: lipbuild.training.train.Run) -> None:
    loaded = keras.saving.load_model(run.folder.model, compile=False)
    for layer in loaded.layers:
        assert layer.compute_dtype == "float32"
        if hasattr(layer, "kernel"):
            kernel = np.asarray(layer.kernel, np.float64)
            values = np.linalg.svd(kernel, compute_uv=False)
            assert values.max() <= 1.0
            assert values.min() > 0.999
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert evaluation.proved <= 1.0
    [exported] = lipbuild.export(run.folder.path, ["keras"])
    assert exported.difference <= 1e-5


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_a_training_in_half_precision_learns_and_saves_float32(precision: str, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    checked = lipbuild.load(
        tmp_path / "small.yaml",
        [
            f"train.precision={precision}",
            "train.average=null",
            "train.loss={TauCategoricalCrossentropy: {tau: 5}}",
        ],
    )
    run = lipbuild.train(checked, tmp_path / "runs", quiet=True)
    assert run.history[-1]["val_accuracy"] > 0.3
    assert_sound(run)
    # The metrics of an epoch are those of the float32 model that is saved.
    assert run.dataset.validation is not None
    outputs = run.model.predict(run.dataset.validation.x, verbose=0)
    right = (outputs.argmax(axis=1) == run.dataset.validation.targets).mean()
    assert right == pytest.approx(run.history[-1]["val_accuracy"], abs=1e-6)
    assert keras.config.dtype_policy().name == "float32"


def test_a_loss_that_reads_the_last_layer_reads_that_of_the_average_when_it_is_measured(
    tmp_path: Path,
) -> None:
    (tmp_path / "small.yaml").write_text(
        SMALL.replace("SpectralDense: {units: 10}", "FrobeniusDense: {units: 10, disjoint_neurons: false}")
    )
    checked = lipbuild.load(
        tmp_path / "small.yaml",
        ["train.loss={TRADES: {target_radius: 0.3}}", "train.average={EMA: {momentum: 0.95}}"],
    )
    assert checked.config is not None
    assert checked.config.train is not None
    run = lipbuild.train(checked, tmp_path / "runs", quiet=True)
    validation = run.dataset.validation
    assert validation is not None
    loss = keras_loss(checked.config.train.loss, checked.graph, run.model)
    found = float(loss(validation.y, run.model.predict(validation.x, verbose=0)))
    assert found == pytest.approx(run.history[-1]["val_loss"], rel=1e-5)


def test_the_average_is_what_is_measured_and_saved(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    checked = lipbuild.load(
        tmp_path / "small.yaml", ["train.average={SWA: {start_epoch: 0}}", "train.epochs=3"]
    )
    run = lipbuild.train(checked, tmp_path / "runs", quiet=True)
    assert_sound(run)
    plain = lipbuild.train(
        lipbuild.load(tmp_path / "small.yaml", ["train.average=null", "train.epochs=3"]),
        tmp_path / "runs",
        quiet=True,
    )
    # What is learnt is the same, step by step; what is measured is not.
    assert [row["loss"] for row in run.history] == [row["loss"] for row in plain.history]
    assert run.history[0]["val_loss"] == pytest.approx(plain.history[0]["val_loss"], abs=1e-5)
    assert run.history[2]["val_loss"] != pytest.approx(plain.history[2]["val_loss"], abs=1e-3)
