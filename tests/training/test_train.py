"""Real trainings on real data: the run folder, the seeds, what stops them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.errors import RefusedError
from lipbuild.training.train import Run
from tests.conftest import CONFIGS

SHORT = ["train.epochs=2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    checked = lipbuild.load(CONFIGS / "digits_mlp.yaml", SHORT)
    return lipbuild.train(checked, tmp_path_factory.mktemp("runs"), quiet=True)


def test_a_run_folder_holds_what_the_run_was(run: Run) -> None:
    folder = run.folder
    assert folder.config.read_text() == (CONFIGS / "digits_mlp.yaml").read_text()
    with folder.metrics.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"loss", "accuracy", "val_accuracy", "val_certified_0.25"} <= set(rows[0])
    environment = json.loads(folder.environment.read_text())
    assert environment["seed"] == 0
    assert environment["packages"]["tensorflow"]
    assert folder.checkpoint.is_file()
    assert folder.model.is_file()
    assert not list(folder.path.rglob("*partial*"))


def test_the_resolved_config_says_the_same_with_every_default(run: Run) -> None:
    resolved = lipbuild.load(run.folder.resolved)
    original = lipbuild.load(CONFIGS / "digits_mlp.yaml", SHORT)
    assert resolved.graph is not None
    assert original.graph is not None
    assert [(n.name, n.shape, n.bound) for n in resolved.graph.nodes] == [
        (n.name, n.shape, n.bound) for n in original.graph.nodes
    ]
    assert resolved.config is not None
    assert original.config is not None
    assert resolved.config.train == original.config.train
    assert resolved.config.data == original.config.data
    assert "batch_size: 64" in run.folder.resolved.read_text()


def test_a_saved_model_predicts_what_the_trained_one_does(run: Run) -> None:
    x = np.random.default_rng(0).random((16, 8, 8, 1), dtype=np.float32)
    loaded = keras.saving.load_model(run.folder.model, compile=False)
    assert np.array_equal(loaded.predict(x, verbose=0), run.model.predict(x, verbose=0))


def test_two_runs_with_one_seed_give_the_same_metrics_and_another_seed_others(
    tmp_path: Path, run: Run
) -> None:
    again = lipbuild.train(lipbuild.load(CONFIGS / "digits_mlp.yaml", SHORT), tmp_path, quiet=True)
    assert again.history == run.history
    other = lipbuild.train(
        lipbuild.load(CONFIGS / "digits_mlp.yaml", [*SHORT, "seed=1"]), tmp_path, quiet=True
    )
    assert other.history != run.history


def test_training_learns(run: Run) -> None:
    assert run.history[-1]["val_accuracy"] > 0.7
    assert run.history[-1]["loss"] < run.history[0]["loss"]


def spectral_norms(model: keras.Model) -> list[float]:
    return [
        float(np.linalg.norm(np.asarray(w, np.float64).reshape(-1, w.shape[-1]), 2))
        for layer in model.layers
        if getattr(layer, "kernel", None) is not None
        for w in [np.asarray(layer.kernel)]
    ]


@pytest.mark.parametrize("optimizer", ["{Adam: {learning_rate: 1e-1}}", "{SGD: {learning_rate: 10}}"])
@pytest.mark.parametrize("config", ["digits_mlp", "digits_cnn"])
def test_no_learning_rate_carries_a_kernel_above_its_constant(
    config: str, optimizer: str, tmp_path: Path
) -> None:
    checked = lipbuild.load(CONFIGS / f"{config}.yaml", [*SHORT, f"train.optimizer={optimizer}"])
    run = lipbuild.train(checked, tmp_path, quiet=True)
    assert checked.graph is not None
    for model in (
        run.model,
        keras.saving.load_model(run.folder.checkpoint, compile=False),
        keras.saving.load_model(run.folder.model, compile=False),
    ):
        norms = spectral_norms(model)
        assert len(norms) >= 3
        assert max(norms) <= 1.0 + 1e-6
    lipbuild.export(run.folder.path, ["keras"], tmp_path / "plain.keras")
    plain = keras.saving.load_model(tmp_path / "plain.keras", compile=False)
    assert max(spectral_norms(plain)) <= 1.0 + 1e-6
    kernels = [np.asarray(layer.kernel, np.float64) for layer in plain.layers if hasattr(layer, "kernel")]
    for kernel in kernels:
        if kernel.ndim == 4:
            # The operator's, on an image without borders.
            assert np.linalg.norm(np.fft.fft2(kernel, (16, 16), (0, 1)), 2, (-2, -1)).max() <= 1.0 + 1e-6
    # The network never moves faster than it promises.
    rng = np.random.default_rng(0)
    x = rng.random((256, 8, 8, 1), dtype=np.float32)
    step = rng.normal(size=x.shape).astype(np.float32)
    moved = run.model.predict(x + step, verbose=0) - run.model.predict(x, verbose=0)
    gains = np.linalg.norm(moved, axis=1) / np.linalg.norm(step.reshape(256, -1), axis=1)
    assert gains.max() <= checked.graph.bound * (1 + 1e-5)


def test_a_loss_that_becomes_nan_ends_the_training_with_one_message(tmp_path: Path) -> None:
    checked = lipbuild.load(
        CONFIGS / "regression.yaml",
        [
            "train.optimizer={SGD: {momentum: 0.9, learning_rate: "
            "{PiecewiseConstantDecay: {boundaries: [12], values: [1e-2, 1e38]}}}}",
            "train.epochs=3",
            "train.checkpoint.epochs=1",
        ],
    )
    where = r"the loss became (nan|inf) in epoch \d, step \d+, at a learning rate of 1e\+38"
    with pytest.raises(RefusedError, match=where) as refused:
        lipbuild.train(checked, tmp_path, quiet=True)
    assert "the last checkpoint is of the end of epoch " in refused.value.help
    assert not list(tmp_path.rglob("model.keras"))
    # The checkpoint is of an epoch that was measured, and whole.
    [checkpoint] = tmp_path.rglob("last.keras")
    assert all(
        np.isfinite(weight).all()
        for weight in keras.saving.load_model(checkpoint, compile=False).get_weights()
    )


@pytest.mark.parametrize("steps", [1, 4])
def test_weights_that_overflow_end_the_training_with_one_message(steps: int, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(20 * steps, 6)).astype(np.float32)
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(20 * steps) % 3)
    (tmp_path / "c.yaml").write_text(
        "model: {layers: [OrthoDense: {units: 6}, GroupSort2, SpectralDense: {units: 3}]}\n"
        "data: {source: {npz: {path: d.npz}}, test: 0.2}\n"
        "train: {loss: {MulticlassHKR: {alpha: 10, min_margin: 0.2}}, epochs: 1, batch_size: 16,\n"
        f"  optimizer: {{SGD: {{learning_rate: {'3e+38' if steps == 1 else '1e+30'}}}}}}}\n"
    )
    # A single step's loss is that of the weights before it.
    with pytest.raises(
        RefusedError, match=rf"the (weights|loss) .* in epoch 1, step [1-{steps}], at a learning rate"
    ):
        lipbuild.train(tmp_path / "c.yaml", tmp_path / "runs", quiet=True)
    assert not list(tmp_path.rglob("model.keras"))


def test_data_that_cannot_be_learnt_from_leaves_no_run_folder(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.full((20, 4), np.nan), y=np.arange(20) % 2)
    (tmp_path / "c.yaml").write_text(
        "model: {layers: [SpectralDense: {units: 2}]}\n"
        "data: {source: {npz: {path: d.npz}}}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 1}}, epochs: 1}\n"
    )
    with pytest.raises(RefusedError, match="20 of 20 samples hold NaN"):
        lipbuild.train(tmp_path / "c.yaml", tmp_path / "runs", quiet=True)
    assert not (tmp_path / "runs").exists()


def test_a_config_without_data_or_training_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("model: {input: [4], layers: [SpectralDense: {units: 2}]}\n")
    with pytest.raises(RefusedError, match="no `data` section"):
        lipbuild.train(tmp_path / "c.yaml", tmp_path / "runs", quiet=True)
