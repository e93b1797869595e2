"""Targets that are scaled in the training, and a network that is about them in their own units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.errors import RefusedError
from lipbuild.training.train import Run

X = np.random.default_rng(0).uniform(0, 9, (80, 3)).astype(np.float32)
Y = np.stack([2000 + 300 * X[:, 0], 5 - 0.25 * X[:, 1]], axis=1)


def config(folder: Path, targets: np.ndarray, **data: object) -> dict[str, Any]:
    parts = ["train"] * 60 + ["test"] * 20
    rows = [",".join(map(repr, [*map(float, (*x, *y)), part])) for x, y, part in zip(X, targets, parts)]
    (folder / "t.csv").write_text("\n".join(["a,b,c,y,z,part", *rows]).replace("'", ""))
    source = {"path": str(folder / "t.csv"), "target": ["y", "z"], "split": "part"}
    return {
        "name": "scaled",
        "seed": 0,
        "model": {"layers": [{"SpectralDense": {"units": 8}}, "GroupSort2", {"SpectralDense": {"units": 2}}]},
        "data": {"source": {"csv": source}, "preprocess": [{"Normalization": {"least_std": 0.1}}], **data},
        "train": {"loss": "MeanSquaredError", "optimizer": {"Adam": {"learning_rate": 0.05}}, "epochs": 3},
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("scaled")
    return lipbuild.train(config(folder, Y, target_scale="standard"), folder, quiet=True)


def test_it_is_the_training_on_targets_that_were_scaled_by_hand(run: Run, tmp_path: Path) -> None:
    mean, deviation = Y[:60].mean(axis=0), Y[:60].std(axis=0)
    by_hand = lipbuild.train(config(tmp_path, (Y - mean) / deviation), tmp_path, quiet=True)
    assert np.allclose(
        [row["loss"] for row in run.history], [row["loss"] for row in by_hand.history], rtol=1e-3
    )
    scaled = by_hand.model.predict(X, verbose=0)
    assert np.allclose(run.model.predict(X, verbose=0), scaled * deviation + mean, rtol=1e-4, atol=1e-3)
    # What is measured is in the targets' own units, and the constant is at most the other times the greatest deviation.
    found, other = (lipbuild.evaluate(one.folder.path, attack=False, plots=False) for one in (run, by_hand))
    assert (
        0.5 * other.proved * deviation.max() < found.proved <= other.proved * deviation.max() * (1.0 + 1e-4)
    )
    errors = np.abs(run.model.predict(X[60:], verbose=0) - Y[60:])
    assert found.errors["mean_absolute_error"] == pytest.approx(errors.mean(), rel=1e-4)
    assert run.history[-1]["val_mean_absolute_error"] == pytest.approx(errors.mean(), rel=1e-4)


def test_the_constant_holds_of_what_is_shipped(run: Run, tmp_path: Path) -> None:
    plain = keras.models.load_model(run.folder.plain)
    assert np.allclose(plain.predict(X, verbose=0), run.model.predict(X, verbose=0), rtol=1e-5)
    lipschitz = lipbuild.evaluate(run.folder.path, attack=False, plots=False).proved
    moved = X + np.random.default_rng(1).normal(0, 0.1, X.shape).astype(np.float32)
    far = np.linalg.norm(plain.predict(moved, verbose=0) - plain.predict(X, verbose=0), axis=1)
    assert (far <= lipschitz * np.linalg.norm(moved - X, axis=1) + 1e-2).all()
    assert far.max() > 10
    certificate = lipbuild.certify(run.folder.path)
    assert not lipbuild.verify(run.folder.path, certificate.path).failures
    for preprocess in (True, False):
        [file] = lipbuild.export(
            run.folder.path, ["onnx"], tmp_path / f"{preprocess}.onnx", preprocess=preprocess
        )
        stated = json.loads(file.report.read_text())["lipschitz"]
        assert stated["promised"] >= stated["proved"] > 100
    row = lipbuild.predict(run.folder.path, X[:1], radius=0.01).rows[0]
    assert row["value_0"] > 1000
    assert row["high_0"] - row["low_0"] == pytest.approx(2 * 0.01 * lipschitz, rel=1e-2)


def test_the_constant_of_each_column_holds_and_is_less_than_that_of_all(run: Run) -> None:
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    columns = {one.name: one.moves_at_most for one in evaluation.columns}
    assert list(columns) == ["a", "b", "c"]
    # The column with the least deviation has nearly the constant of the whole network.
    assert 0.8 * evaluation.proved < max(columns.values()) <= evaluation.proved * (1 + 1e-6)
    assert min(columns.values()) < 0.99 * evaluation.proved
    plain = keras.models.load_model(run.folder.plain)
    before = plain.predict(X, verbose=0)
    for place, name in enumerate(columns):
        moved = X.copy()
        moved[:, place] += 0.5
        far = np.abs(plain.predict(moved, verbose=0) - before)
        assert 0 < far.max() <= 0.5 * columns[name] + 1e-2
    for one in evaluation.columns:
        assert 0 < one.moved <= one.moves_at_most


def test_the_scale_is_written_down_and_stays(run: Run) -> None:
    scale = json.loads(run.folder.data.read_text())["target_scale"]
    assert np.allclose(scale["mean"], Y[:60].mean(axis=0), rtol=1e-6)
    assert np.allclose(scale["deviation"], Y[:60].std(axis=0), rtol=1e-6)
    assert lipbuild.train(run.folder.config, run=run.folder.path, quiet=True).folder == run.folder
    other = lipbuild.load(run.folder.config, ["data.target_scale=100"])
    with pytest.raises(RefusedError, match=r"`data\.target_scale.* cannot change when a training is resumed"):
        lipbuild.train(other, run=run.folder.path, quiet=True)


@pytest.mark.parametrize(
    ("scale", "loss", "message"),
    [
        (0, "MeanSquaredError", "divided by a number above 0, and this is 0"),
        ("standrad", "MeanSquaredError", "is `standard`, a number above 0"),
        (
            {"mean": [1, 2, 3], "deviation": [1, 1, 1]},
            "MeanSquaredError",
            "has 3 numbers, and the network has 2 outputs",
        ),
        ({"mean": 1}, "MeanSquaredError", "is `standard`, a number above 0"),
        ("standard", {"TauCategoricalCrossentropy": {"tau": 1}}, "is about numbers to"),
    ],
)
def test_what_is_wrong_with_a_scale_is_said(
    scale: object, loss: object, message: str, tmp_path: Path
) -> None:
    wrong = config(tmp_path, Y, target_scale=scale)
    wrong["train"]["loss"] = loss
    with pytest.raises(RefusedError, match=message):
        lipbuild.load(wrong)


def test_a_number_is_known_before_any_data_is(tmp_path: Path) -> None:
    checked = lipbuild.load(config(tmp_path, Y, target_scale=100, preprocess=[]))
    assert checked.graph.bound == pytest.approx(100)
    assert checked.graph.lipschitz >= checked.graph.bound
