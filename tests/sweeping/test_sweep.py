"""A sweep: real trainings with values of its space, measured on the validation share, the best ones written out."""

from __future__ import annotations

import csv
from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.data.config_data import load_dataset
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.run_logits import RunLogits
from lipbuild.evaluation.trained import load_trained
from lipbuild.outputs.json_text import json_text
from lipbuild.sweeping.results import Sweep
from lipbuild.training.run_folder import RunFolder
from tests.json_results import validated
from tests.sweeping.conftest import CONFIG, SWEEP


def test_each_trial_is_a_run_that_can_be_evaluated(swept: Sweep) -> None:
    assert [trial.state for trial in swept.trials] == ["complete"] * 3
    assert swept.objectives == ("accuracy", "certified_accuracy@0.1")
    run = swept.trials[0].run
    assert run is not None
    evaluation = lipbuild.evaluate(run, attack=False, plots=False)
    assert evaluation.accuracy is not None
    resolved = lipbuild.load(run / "config.resolved.yaml").config
    assert resolved is not None
    assert resolved.tree["train"]["batch_size"] == int(swept.trials[0].options["train.batch_size"])
    assert "sweep" not in resolved.tree


def test_objectives_are_measured_on_the_validation_share_and_proved(swept: Sweep) -> None:
    for trial in swept.trials:
        assert trial.run is not None
        trained = load_trained(RunFolder(trial.run))
        dataset = load_dataset(trained.config, trained.graph)
        assert dataset.validation is not None
        accuracy, certified = trial.values
        measured = {}
        for name, part in (("validation", dataset.validation), ("test", dataset.test)):
            logits = np.asarray(keras.ops.convert_to_numpy(trained.model(part.x)), np.float64)
            measured[name] = float(np.mean(logits.argmax(axis=1) == part.targets))
        assert accuracy == measured["validation"] != measured["test"]
        # The margin over √2·L, without what the last layer's columns gain, is the least that can be certified.
        logits = np.asarray(keras.ops.convert_to_numpy(trained.model(dataset.validation.x)), np.float64)
        right = logits[np.arange(len(logits)), dataset.validation.targets]
        others = logits.copy()
        others[np.arange(len(logits)), dataset.validation.targets] = -np.inf
        reached = (right - others.max(axis=1)) / (np.sqrt(2.0) * RunLogits.of(trained).lipschitz)
        assert float(np.mean(reached >= 0.1 + 1e-4)) <= certified <= accuracy


def test_a_table_a_plot_and_the_config_of_each_best_trial_are_written(swept: Sweep) -> None:
    rows = list(csv.DictReader((swept.folder / "trials.csv").open(encoding="utf-8")))
    assert [row["trial"] for row in rows] == ["0", "1", "2"]
    assert [float(rows[0][name]) for name in swept.objectives] == list(swept.trials[0].values)
    assert {int(row["trial"]) for row in rows if row["best"] == "1"} == set(swept.best) == set(swept.configs)
    assert validated("sweep", json_text("sweep", swept.as_json()))["best"] == list(swept.best)
    assert (swept.folder / "sweep.png").read_bytes().startswith(b"\x89PNG")
    drawing = (swept.folder / "sweep.svg").read_text(encoding="utf-8")
    for key in swept.trials[0].options:
        assert f">{key}</text>" in drawing
    # The front, and both objectives over each of four keys, of three trials.
    assert drawing.count("<circle") == 9 * 3
    for number in swept.best:
        better = [t.values for t in swept.trials if t.number != number and t.state == "complete"]
        mine = swept.trial(number).values
        assert not any(all(a > b for a, b in zip(values, mine)) for values in better)
    assert swept.config is None


def test_the_best_trials_have_a_report_and_every_other_one_can_have_one(swept: Sweep, tmp_path: Path) -> None:
    for trial in swept.trials:
        assert trial.run is not None
        assert (trial.run / "report.html").is_file() == (trial.number in swept.best)
        page = lipbuild.report(trial.run, tmp_path / f"{trial.number}.html").read_text(encoding="utf-8")
        assert trial.options["train.optimizer.learning_rate"] in page


def test_the_config_of_a_trial_keeps_its_comments_and_trains_to_the_same_network(
    swept: Sweep, tmp_path: Path
) -> None:
    number = swept.best[0]
    path = swept.configs[number]
    text = path.read_text(encoding="utf-8")
    tried = swept.trial(number).options
    assert text.startswith(f"# Trial {number} of the sweep small: accuracy ")
    assert f"variables: {{width: {tried['variables.width']}}} # of the hidden layer\n" in text
    assert f"tau: {tried['train.loss.tau']}}}}} # for accuracy\n" in text
    assert f"  optimizer: {{Adam: {{learning_rate: {tried['train.optimizer.learning_rate']}}}}}\n" in text
    assert lipbuild.check(path).ok
    run = lipbuild.train(path, tmp_path, quiet=True)
    before = swept.trial(number).run
    assert before is not None
    assert (run.folder.metrics).read_text() == (before / "metrics.csv").read_text()


def test_a_sweep_in_two_parts_tries_what_one_in_a_whole_tries(
    swept: Sweep, config: Path, tmp_path: Path
) -> None:
    first = lipbuild.sweep(config, tmp_path, trials=1, quiet=True, plots=False)
    assert [trial.options for trial in first.trials] == [swept.trials[0].options]
    second = lipbuild.sweep(
        config, tmp_path, trials=2, quiet=True, pick="certified_accuracy@0.1", plots=False
    )
    assert [t.options for t in second.trials] == [t.options for t in swept.trials[:2]]
    assert [t.values for t in second.trials] == [t.values for t in swept.trials[:2]]
    picked = second.picked
    assert picked == max(second.trials, key=lambda trial: (trial.values[1], trial.values[0])).number
    assert second.config == tmp_path / "small" / "best.yaml"
    assert lipbuild.check(second.config).ok


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("train.epochs=3", "`train.epochs` was `2` and is `3`"),
        (
            "sweep.space={train.batch_size: [64]}",
            "`train.optimizer.learning_rate` in `sweep.space` was `{low: 0.001, high: 0.1, log: true}` and is left out",
        ),
        ("sweep.objectives=[accuracy]", "`certified_accuracy@0.1` in `sweep.objectives`"),
        ("model.layers[1].SpectralDense.use_bias=false", "`model.layers.1.SpectralDense.use_bias`"),
    ],
)
def test_a_sweep_that_changed_is_refused_by_the_key(
    swept: Sweep, config: Path, change: str, key: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        lipbuild.sweep(config, swept.folder.parent, [change], quiet=True, plots=False)
    assert key in refused.value.message


@pytest.mark.parametrize("change", ["variables.width=16", "sweep.trials=1", "export.formats=[onnx]"])
def test_what_no_figure_depends_on_may_change(swept: Sweep, config: Path, change: str) -> None:
    again = lipbuild.sweep(config, swept.folder.parent, [change], quiet=True, trials=1, plots=False)
    assert again.trials == swept.trials


def test_what_cannot_be_picked_is_refused_before_anything_is_trained(swept: Sweep, config: Path) -> None:
    for pick in ("accurcy", "7"):
        with pytest.raises(RefusedError, match="there is no complete trial"):
            lipbuild.sweep(config, swept.folder.parent, quiet=True, pick=pick, plots=False)


def test_a_grid_tries_each_point_once_a_bad_trial_is_given_up_and_a_failed_one_says_why(
    tmp_path: Path,
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        CONFIG
        + "sweep:\n"
        + "  space: {train.optimizer.learning_rate: [3e-2, 1e-7, 1e30]}\n"
        + "  objectives: [certified_accuracy: {radius: 0.25}]\n"
        + "  sampler: {Grid: {seed: 5}}\n"
        + "  pruner: {Median: {n_startup_trials: 1}}\n",
        encoding="utf-8",
    )
    found = lipbuild.sweep(path, tmp_path / "sweeps", quiet=True, plots=False)
    states = {trial.options["train.optimizer.learning_rate"]: trial for trial in found.trials}
    assert len(found.trials) == len(states) == 3
    assert states["1e+30"].state == "failed"
    assert states["1e+30"].problem.startswith("the loss became ")
    assert states["1e-07"].state == "pruned"
    assert states["1e-07"].epochs == 1
    run = states["1e-07"].run
    assert run is not None
    assert not (run / "model.keras").exists()
    assert (run / "metrics.csv").read_text().count("\n") == 2
    assert found.config is not None
    best = max((t for t in found.trials if t.values), key=lambda t: t.values)
    assert found.best == (best.number,)
    assert f"learning_rate: {best.options['train.optimizer.learning_rate']}" in found.config.read_text()


def test_a_config_that_silences_a_soundness_rule_has_nothing_certified_to_look_for(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    pooling = (
        "    - MaxPooling2D: {pool_size: 3, strides: 2} # lipbuild: ignore[overlapping-max-pooling] to see\n"
    )
    path.write_text(CONFIG.replace("    - Flatten\n", f"{pooling}    - Flatten\n") + SWEEP, encoding="utf-8")
    with pytest.raises(RefusedError, match="so there is no `certified_accuracy"):
        lipbuild.sweep(path, tmp_path, plots=False)


def test_a_config_without_a_sweep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with pytest.raises(RefusedError, match="has no `sweep` section"):
        lipbuild.sweep(path, tmp_path, plots=False)
    path.write_text(CONFIG + SWEEP, encoding="utf-8")
    with pytest.raises(UnusableError, match="cannot be the name of a study"):
        lipbuild.sweep(path, tmp_path, study="../x", plots=False)
