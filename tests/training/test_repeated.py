"""The same command after a training has ended: it succeeds, writes what is missing and changes nothing else."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import lipbuild
from lipbuild.errors import StoppedError, UnusableError
from lipbuild.training.steps import Steps
from lipbuild.training.train import Run
from tests.launched import Server
from tests.training.conftest import SMALL

EARLY = [
    "train.epochs=9",
    "train.early_stopping={patience: 1, min_delta: 0.9}",
    "train.restore_best_weights=true",
]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training that was stopped early, after its second epoch."""
    folder = tmp_path_factory.mktemp("repeated")
    (folder / "small.yaml").write_text(SMALL)
    return lipbuild.train(lipbuild.load(folder / "small.yaml", EARLY), run=folder / "run", quiet=True)


@pytest.fixture
def run(first: Run, tmp_path: Path) -> Path:
    return shutil.copytree(first.folder.path, tmp_path / "run")


def files_in(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file with its time and what it holds."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def again(first: Run, run: Path, *more: str) -> Run:
    config = first.folder.path.parent / "small.yaml"
    return lipbuild.train(lipbuild.load(config, [*EARLY, *more]), run=run, quiet=True)


def test_the_same_command_after_the_end_changes_nothing(first: Run, run: Path, server: Server) -> None:
    before = files_in(run)
    assert {"model.keras", "plain.keras", "report.html", "metrics.csv"} <= set(before)
    config = first.folder.path.parent / "small.yaml"
    options = [word for value in EARLY for word in ("--set", value)]
    command = server.launch(run.parent, "again", "train", config, "--run", "run", *options)
    assert command.wait() == 0, command.texts()
    assert command.out.read_text() == "the training has ended: nothing is left to do\nrun\n"
    resumed = server.launch(run.parent, "resumed", "train", "--resume", "run", "--format", "json")
    assert resumed.wait() == 0, resumed.texts()
    assert resumed.out.read_text() == '{"event": "end", "run": "run"}\n'
    assert files_in(run) == before


def test_it_returns_what_the_training_returned(first: Run, run: Path) -> None:
    # Without them the training cannot go on, but it has ended.
    shutil.rmtree(run / "checkpoints")
    for keep in (run, first.folder.path):
        found = again(first, keep)
        for mine, others in zip(found.model.get_weights(), first.model.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, others)
    assert list(found.history) == list(first.history)
    with pytest.raises(UnusableError, match="its training has ended, and its checkpoint is gone"):
        again(first, run, "train.epochs=10")


@pytest.mark.parametrize("missing", ["plain.keras", "report.html", "metrics.csv"])
def test_what_is_missing_is_written_and_nothing_else(missing: str, first: Run, run: Path) -> None:
    before = files_in(run)
    (run / missing).unlink()
    again(first, run)
    after = files_in(run)
    assert set(after) == set(before)
    assert {name for name in after if after[name] != before[name]} == {missing}
    if missing == "plain.keras":
        mine, others = (keras.saving.load_model(folder / missing) for folder in (run, first.folder.path))
        for one, other in zip(mine.get_weights(), others.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    elif missing == "metrics.csv":
        assert after[missing][1] == before[missing][1]


def test_a_damaged_model_is_named(first: Run, run: Path) -> None:
    (run / "model.keras").write_bytes(b"PK")
    with pytest.raises(UnusableError, match=r"model\.keras: it cannot be read"):
        again(first, run)


def test_a_training_that_goes_on_after_its_end_has_no_model_until_it_ends_again(
    first: Run, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = Steps.train

    def interrupt(self: Steps, *arguments: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        os.kill(os.getpid(), signal.SIGTERM)
        return learn(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(Steps, "train", interrupt)
        with pytest.raises(StoppedError):
            again(first, run, "train.early_stopping=null", "train.epochs=3")
    assert not (run / "model.keras").exists()
    assert len(again(first, run, "train.early_stopping=null", "train.epochs=3").history) == 3
    assert (run / "model.keras").is_file()
