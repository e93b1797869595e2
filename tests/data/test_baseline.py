"""What a constant answer reaches, and what is said where a network does no better."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score

import lipbuild
from lipbuild.cli.run import run
from lipbuild.data.baseline import classifier_baseline, r_squared, regressor_baseline

LAYERS = "model: {layers: [SpectralDense: {units: 8}, GroupSort2, SpectralDense: {units: UNITS}]}\n"


def config(folder: Path, y: dict[str, np.ndarray], loss: str, units: int, x: dict[str, np.ndarray]) -> Path:
    np.savez(
        folder / "d.npz",
        **{f"x_{part}": own for part, own in x.items()},
        **{f"y_{k}": v for k, v in y.items()},
    )
    path = folder / "c.yaml"
    path.write_text(
        f"seed: 0\n{LAYERS.replace('UNITS', str(units))}data: {{source: {{npz: {{path: d.npz}}}}}}\n"
        f"train: {{loss: {loss}, epochs: 20, batch_size: 32, optimizer: {{Adam: {{learning_rate: 1e-2}}}}}}\n"
    )
    return path


def test_the_constant_is_the_most_frequent_class_of_the_training_part() -> None:
    learnt = np.array([0, 1, 1, 2])
    found = classifier_baseline(learnt, np.array([0] * 60 + [1] * 40), ["a", "b", "c"], 0.9)
    assert (found.answer, found.accuracy, found.is_beaten, found.remark) == ("b", 0.4, True, "")
    # A standard error is .049.
    assert not classifier_baseline(learnt, np.array([0] * 60 + [1] * 40), ["a", "b", "c"], 0.44).is_beaten
    rare = np.array([0] * 99 + [1])
    assert classifier_baseline(np.zeros(5), rare, ["a", "b"], 1.0).is_beaten
    assert (
        "all samples that it is measured on"
        in classifier_baseline(learnt, np.ones(9), ["a", "b"], 1.0).remark
    )


def test_the_constant_of_a_regression_is_the_median() -> None:
    rng = np.random.default_rng(0)
    learnt, targets = rng.exponential(size=(101, 2)), rng.exponential(size=(50, 2))
    outputs = targets + 0.1 * rng.normal(size=(50, 2))
    found = regressor_baseline(learnt, targets, outputs)
    medians = np.sort(learnt, axis=0)[50]
    assert found.answer == tuple(medians)
    assert found.error == pytest.approx(mean_absolute_error(targets, np.tile(medians, (50, 1))))
    assert found.reached == pytest.approx(mean_absolute_error(targets, outputs))
    assert found.r_squared == pytest.approx(r2_score(targets, outputs))
    assert found.is_beaten
    assert not regressor_baseline(learnt, targets, np.tile(medians, (50, 1))).is_beaten
    assert r_squared(np.ones((5, 1)), np.ones((5, 1))) is None


def test_labels_that_depend_on_nothing_are_remarked_on_and_parts_that_share_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(1)
    x = {"train": rng.normal(size=(200, 3)), "test": rng.normal(size=(160, 3))}
    x["test"][:3] = x["train"][:3]
    x["test"][3] = x["train"][5]
    # Class 2 is of the test alone.
    y = {"train": rng.integers(0, 2, 200), "test": np.append(rng.integers(0, 2, 158), [2, 2])}
    path = config(tmp_path, y, "{TauCategoricalCrossentropy: {tau: 10}}", 3, x)
    assert run(["train", str(path), "--run", str(tmp_path / "run"), "--quiet"]) == 0
    shown = capsys.readouterr()
    warnings = [line for line in shown.err.splitlines() if line.startswith("warning:")]
    assert warnings[:2] == [
        "warning: 4 samples are left out of the training, as equal ones stand in the validation or the test part",
        "warning: the training part has no sample of the class `2`, and there are 2 in the test part",
    ]
    assert warnings[2].startswith(
        "warning: the network is no better than a constant answer; the likely causes"
    )
    assert "always answering" not in shown.out
    assert run(["evaluate", str(tmp_path / "run"), "--no-attack"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    number = int(np.bincount(np.delete(y["train"], [0, 1, 2, 5])).argmax())
    share = float((y["test"] == number).mean())
    assert f"`{number}`, the most frequent class of the training part, reaches {share:.2%}" in out
    assert "warning: the network is no better" in out
    written = json.loads((tmp_path / "run" / "evaluation.json").read_text())["baseline"]
    assert written == {"class": str(number), "accuracy": share, "is_beaten": False}
    assert "no better than a constant answer" in (tmp_path / "run" / "report.html").read_text()


def test_a_regression_that_learns_something_beats_the_median(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(1)
    x = {"train": rng.random((300, 2)), "test": rng.random((80, 2))}
    y = {part: own @ [0.6, -0.4] for part, own in x.items()}
    trained = lipbuild.train(config(tmp_path, y, "MeanSquaredError", 1, x), run=tmp_path / "run")
    assert trained.remarks == ()
    assert trained.baseline is not None
    assert trained.baseline.is_beaten
    shown = capsys.readouterr()
    assert "test mean absolute error" in shown.out
    assert " (R² " in shown.out
    assert "warning" not in shown.err
    evaluation = lipbuild.evaluate(trained.folder.path, attack=False, plots=False)
    assert evaluation.baseline is not None
    assert evaluation.baseline.error == trained.baseline.error
    assert evaluation.r_squared == pytest.approx(trained.baseline.r_squared, rel=1e-4)
    written = json.loads(trained.folder.evaluation.read_text())
    assert written["r_squared"] == evaluation.r_squared
    assert written["baseline"]["values"] == [pytest.approx(np.median(y["train"]), rel=1e-6)]
