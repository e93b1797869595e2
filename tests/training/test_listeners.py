"""What is told of a training while it runs."""

from __future__ import annotations

import io
import json
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tensorflow as tf

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.training.listeners.json_lines import JsonLines
from lipbuild.training.listeners.listener import Plan
from lipbuild.training.listeners.ml_flow import MLflow
from lipbuild.training.listeners.progress import Progress
from lipbuild.training.listeners.words import epoch_header, epoch_row
from lipbuild.training.options import TrainOptions
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.train import Run
from lipbuild.training.train import train as run_training
from tests.training.conftest import SMALL

ROW = {
    "epoch": 2,
    "loss": 0.25,
    "val_loss": 0.5,
    "val_accuracy": 0.875,
    "val_certified_0.1": 0.75,
    "val_certified_0.5": 0.5,
}


def plan(folder: Path) -> Plan:
    return Plan(RunFolder(folder), "small", 10, 4, "validation", {"seed": 3}, {})


def test_an_epoch_is_a_plain_line_where_there_is_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress()
    progress.start(plan(tmp_path))
    for step in range(4):
        progress.step(1, step)
    progress.epoch(ROW, 1.5)
    progress.epoch({**ROW, "epoch": 3}, 12.5)
    progress.end()
    assert capsys.readouterr().out.splitlines() == [
        "                            validation  certified within the radius",
        "epoch     time        loss    accuracy     0.1     0.5",
        " 2/10    1.5 s      0.2500       87.5%   75.0%   50.0%",
        " 3/10   12.5 s      0.2500       87.5%   75.0%   50.0%",
    ]


def test_the_lines_of_epochs_fit_80_columns_whatever_is_measured(tmp_path: Path) -> None:
    many = {**ROW, **{f"val_certified_0.{i}5": 0.5 for i in range(9)}}
    error = {"epoch": 3, "loss": 0.1, "val_mean_absolute_error": 0.0625}
    small = plan(tmp_path)
    for row in (many, error):
        lines = [*epoch_header(small, row, 80), epoch_row(small, row, 3600.0, 80)]
        assert max(map(len, lines)) <= 80
    assert "validation mean absolute error" in lines[0]
    assert lines[1].endswith("  0.0625")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_with_the_metrics_and_the_time_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    progress = Progress()
    progress.start(plan(tmp_path))
    progress.epoch(ROW, 1.5)
    progress.step(2, 0)
    progress._drawn = 0.0
    progress.step(2, 1)
    progress.end()
    shown = terminal.getvalue()
    assert " 2/10    1.5 s      0.2500" in shown
    assert "epoch 3/10" in shown
    # Two epochs of four steps and two steps of the third, of ten epochs.
    assert "25%" in shown
    assert "loss 0.25  accuracy 87.5%  certified 50.0% at 0.5" in shown
    assert re.search(r"\d\d:\d\d left", shown)
    assert all(len(re.sub(r"\x1b\[\d*m", "", line)) < 140 for line in re.split(r"\r\x1b\[2K|\n", shown))
    assert shown.endswith("left\r\x1b[2K"), "the bar is taken away"


def test_json_lines_are_json_whatever_the_numbers_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = JsonLines()
    lines.start(plan(tmp_path))
    lines.epoch({**ROW, "val_loss": math.nan}, 1.5)
    lines.end("the disk is full")
    start, epoch, end = (
        json.loads(line, parse_constant=lambda name: pytest.fail(name))
        for line in capsys.readouterr().out.splitlines()
    )
    assert (start["event"], start["epochs"], start["watched"]) == ("start", 10, "validation")
    assert start["run"] == str(tmp_path)
    assert (epoch["event"], epoch["epoch"], epoch["val_accuracy"], epoch["val_loss"]) == (
        "epoch",
        2,
        0.875,
        None,
    )
    assert epoch["seconds_left"] >= 0
    assert (end["event"], end["problem"]) == ("end", "the disk is full")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where MLflow keeps its records: an SQLite file."""
    with pytest.MonkeyPatch.context() as patched:
        uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"
        patched.setenv("MLFLOW_TRACKING_URI", uri)
        folder = tmp_path_factory.mktemp("artifacts")
        patched.chdir(folder)
        yield uri


@pytest.fixture(scope="module")
def recorded(store: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training of which everything is told, that goes on for a second epoch."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "small.yaml").write_text(SMALL)
    told = TrainOptions(folder=folder / "run", quiet=True, tensorboard=True, mlflow=True)
    run_training(lipbuild.load(folder / "small.yaml", ["train.epochs=1"]), told)
    return run_training(lipbuild.load(folder / "small.yaml"), told)


def test_tensorboard_is_told_the_metrics_of_each_epoch(recorded: Run) -> None:
    found: dict[str, dict[int, float]] = {}
    for part in ("train", "validation"):
        for path in (recorded.folder.tensorboard / part).iterdir():
            for event in tf.compat.v1.train.summary_iterator(str(path)):
                for value in event.summary.value:
                    assert value.metadata.plugin_data.plugin_name in ("scalars", "")
                    number = float(tf.make_ndarray(value.tensor))
                    found.setdefault(f"{part}/{value.tag}", {})[event.step] = number
    for row in recorded.history:
        epoch = int(row["epoch"])
        assert found["train/epoch_loss"][epoch] == pytest.approx(row["loss"])
        assert found["validation/epoch_loss"][epoch] == pytest.approx(row["val_loss"])
        assert found["validation/epoch_certified_0.25"][epoch] == pytest.approx(row["val_certified_0.25"])
        assert found["train/epoch_learning_rate"][epoch] == pytest.approx(0.1)


def test_mlflow_is_told_the_config_the_metrics_and_the_files(recorded: Run, store: str) -> None:
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    identity = json.loads(recorded.folder.mlflow.read_text())["run_id"]
    run = client.get_run(identity)
    assert run.info.status == "FINISHED"
    assert client.get_experiment(run.info.experiment_id).name == "small"
    assert len(client.search_runs([run.info.experiment_id])) == 1, (
        "a resumed training goes on with its record"
    )
    assert run.data.params["train.optimizer.SGD.learning_rate"] == "0.1"
    assert run.data.params["model.layers.1.SpectralDense.units"] == "16"
    history = client.get_metric_history(identity, "val_loss")
    assert [(m.step, m.value) for m in history] == [
        (int(row["epoch"]), pytest.approx(row["val_loss"])) for row in recorded.history
    ]
    names = {artifact.path for artifact in client.list_artifacts(identity)}
    written = "config.yaml config.resolved.yaml environment.json metrics.csv model.keras plain.keras"
    assert names == set(written.split())


def test_a_store_that_cannot_be_used_ends_the_training_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}")
    with pytest.raises(UnusableError, match="MLflow's store cannot be used") as unusable:
        MLflow().start(plan(tmp_path))
    assert "MLFLOW_TRACKING_URI" in unusable.value.help


def test_a_store_that_fails_on_the_way_ends_no_training(
    recorded: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = MLflow()
    tracker.start(plan(recorded.folder.path))

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("nobody is there")

    monkeypatch.setattr(tracker._client, "log_batch", fail)
    tracker.epoch(ROW, 1.0)
    assert "warning: MLflow recorded nothing: ConnectionError: nobody is there" in capsys.readouterr().err
    tracker.end("it was stopped")
    assert tracker._client.get_run(tracker._id).info.status == "FAILED"


def test_without_mlflow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    with pytest.raises(UnusableError, match="not installed") as unusable:
        MLflow()
    assert re.fullmatch(r"pip install ('\S+' )*'mlflow-skinny\S+'( '\S+')*", unusable.value.help)
