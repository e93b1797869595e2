"""Trainings that are interrupted by real signals, and go on as if nothing had been."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import lipbuild
from lipbuild.errors import InterruptedByOthersError, LipbuildError, RefusedError, StoppedError, UnusableError
from lipbuild.training.interrupts import Interrupts
from lipbuild.training.options import TrainOptions
from lipbuild.training.state_file import read_state
from lipbuild.training.steps import Steps
from lipbuild.training.train import Run
from lipbuild.training.train import train as run_training
from tests.launched import Server
from tests.training.conftest import RICH, SMALL

ENDLESS = "train.epochs=100000"


def trained(config: Path, *overrides: str, resume: Path | None = None, output: Path | None = None) -> Run:
    options = TrainOptions(
        output or config.parent / "reference", folder=resume, resume=resume is not None, quiet=True
    )
    return run_training(lipbuild.load(config, overrides), options)


def epochs_in(run: Path) -> int:
    metrics = run / "metrics.csv"
    return len(metrics.read_text().splitlines()) - 1 if metrics.is_file() else 0


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training that nothing interrupts, longer than those that are interrupted get."""
    config = tmp_path_factory.mktemp("reference") / "small.yaml"
    config.write_text(SMALL)
    return trained(config, "train.epochs=40")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same for a training with all kinds of state."""
    config = tmp_path_factory.mktemp("rich") / "rich.yaml"
    config.write_text(RICH)
    return trained(config)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_training_that_a_signal_ended_goes_on_as_if_it_had_not(
    number: signal.Signals, small: Path, server: Server, tmp_path: Path, reference: Run
) -> None:
    process = server.launch(
        tmp_path,
        "first",
        *(
            "train",
            small,
            "--run",
            "run",
            "--set",
            ENDLESS,
            "--set",
            "train.checkpoint={epochs: 1, steps: 2}",
        ),
    )
    run = tmp_path / "run"
    process.until(lambda: epochs_in(run) >= 2)
    process.signal(number)
    status = process.wait()
    state = read_state(run / "checkpoints" / "state.npz").state
    if number is signal.SIGTERM:
        assert status == 143
        assert f"error: interrupted in {state.describe()}; the last checkpoint is of it" in process.texts()
        assert "resume it with `lipbuild train --resume run`" in process.texts()
        assert not list(run.rglob("*partial*"))
        # What was reached is usable as it is.
        model = keras.saving.load_model(run / "checkpoints" / "last.keras", compile=False)
        assert model.predict(np.zeros((1, 8, 8, 1)), verbose=0).shape == (1, 10)
    else:
        assert status == -number
    assert 2 <= state.epoch <= 38
    resumed = trained(small, f"train.epochs={state.epoch + 2}", resume=run)
    assert resumed.history == reference.history[: state.epoch + 2]
    assert '"resumed"' in resumed.folder.environment.read_text()


def test_ctrl_c_ends_with_130_and_a_checkpoint(small: Path, server: Server, tmp_path: Path) -> None:
    process = server.launch(tmp_path, "shown", "train", small, "--run", "run", "--set", ENDLESS)
    process.until(lambda: epochs_in(tmp_path / "run") >= 1)
    process.signal(signal.SIGINT)
    assert process.wait() == 130
    assert "     1/100000  " in process.texts()
    assert "interrupted in" in process.texts()
    assert "Traceback" not in process.texts()
    assert read_state(tmp_path / "run" / "checkpoints" / "state.npz").state.rows


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1], ids=lambda number: number.name)
def test_a_terminal_that_goes_away_and_slurms_warning_leave_a_checkpoint(
    number: signal.Signals, small: Path, server: Server, tmp_path: Path
) -> None:
    process = server.launch(tmp_path, "warned", "train", small, "--run", "run", "--set", ENDLESS)
    process.until(lambda: epochs_in(tmp_path / "run") >= 1)
    process.signal(number)
    assert process.wait() == 128 + number
    state = read_state(tmp_path / "run" / "checkpoints" / "state.npz").state
    said = f"interrupted in {state.describe()}; the last checkpoint is of it"
    assert f"error: {said}" in process.texts()
    assert (tmp_path / "run" / "train.log").read_text().endswith(f"  {said}\n")
    assert not (tmp_path / "run" / "lease.json").exists()


def test_a_signal_while_an_epoch_is_measured_loses_nothing(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Run
) -> None:
    test = Steps.test

    def interrupt(self: Steps, *arguments: object) -> None:
        test(self, *arguments)
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(Steps, "test", interrupt)
        with pytest.raises(StoppedError, match="interrupted in the measuring of epoch 1") as stopped:
            trained(small, output=tmp_path / "runs")
    assert stopped.value.exit_status == 143
    [run] = (tmp_path / "runs").iterdir()
    assert read_state(run / "checkpoints" / "state.npz").state.measuring
    assert trained(small, resume=run).history == reference.history[:2]


@pytest.mark.parametrize("command", ["--resume", pytest.param("--run", marks=pytest.mark.nightly)])
def test_everything_that_has_a_state_goes_on_in_the_middle_of_an_epoch(
    command: str, rich: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, steps = Steps.train, 0

    def interrupt(self: Steps, *arguments: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        nonlocal steps
        steps += 1
        if steps == 10:
            os.kill(os.getpid(), signal.SIGTERM)
        return learn(self, *arguments)

    config, run = tmp_path / "rich.yaml", tmp_path / "run"
    config.write_text(RICH)
    with monkeypatch.context() as patched:
        patched.setattr(Steps, "train", interrupt)
        with pytest.raises(StoppedError, match="interrupted in epoch 2, step 3"):
            lipbuild.train(config, run=run, quiet=True)
    stored = read_state(run / "checkpoints" / "state.npz")
    pending, _ = stored.arrays["constraints"]
    assert pending > 0, "a retraction that is owed belongs to where the training stands"
    again = (
        partial(lipbuild.resume, run) if command == "--resume" else partial(lipbuild.train, config, run=run)
    )
    resumed = again(quiet=True)
    assert resumed.history == rich.history
    for mine, others in zip(resumed.model.get_weights(), rich.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, others)


def test_a_second_signal_is_obeyed_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_full_disk_ends_the_training_and_leaves_the_last_checkpoint(
    small: Path, server: Server, tmp_path: Path
) -> None:
    process = server.launch(
        tmp_path,
        "full",
        *("train", small, "--run", "run", "--quiet", "--set", ENDLESS, "--set", "train.checkpoint.epochs=1"),
    )
    state = tmp_path / "run" / "checkpoints" / "state.npz"
    process.until(lambda: epochs_in(tmp_path / "run") >= 1)
    # From now on no file may grow beyond this: the metrics fit, a checkpoint does not.
    resource.prlimit(process.number, resource.RLIMIT_FSIZE, (8192, 8192))
    assert process.wait() == 2
    assert "it cannot be written: File too large" in process.texts()
    assert "resume it with `lipbuild train --resume run`" in process.texts()
    assert "Traceback" not in process.texts()
    assert not list(tmp_path.rglob("*partial*"))
    stored = read_state(state).state
    assert len(stored.rows) == stored.epoch >= 1
    keras.saving.load_model(tmp_path / "run" / "checkpoints" / "last.keras", compile=False)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a training of one epoch."""
    config = tmp_path_factory.mktemp("ended") / "small.yaml"
    config.write_text(SMALL)
    return trained(config, "train.epochs=1").folder.path


def resumed(run: Path, *overrides: str) -> Callable[[], object]:
    return lambda: lipbuild.resume(run, overrides, quiet=True)


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("seed=4", "`seed`"),
        ("train.batch_size=100", "`train.batch_size`"),
        ("train.optimizer.SGD.learning_rate=1", "`train.optimizer.SGD.learning_rate`"),
        ("train.precision=mixed_bfloat16", "`train.precision`"),
        ("train.average=null", "`train.average.EMA.momentum`"),
        ("model.layers[1].SpectralDense.units=32", "`model.layers.1.SpectralDense.units`"),
        ("data.validation=0.2", "`data.validation`"),
    ],
)
def test_what_may_not_change_is_named(override: str, key: str, ended: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        resumed(ended, "train.epochs=2", override)()
    assert refused.value.message.startswith(f"{key} cannot change when a training is resumed: it was ")
    assert "train.epochs" in refused.value.help


def test_what_may_change_does(ended: Path) -> None:
    changes = (
        "train.epochs=3",
        "train.monitor=val_accuracy",
        "train.early_stopping={patience: 1, min_delta: 0.9}",
        "train.restore_best_weights=true",
        "train.checkpoint.epochs=1",
        "train.strategy=mirrored",
        "train.tensorboard=true",
        "export.formats=[saved_model]",
    )
    run = resumed(ended, *changes)()
    assert isinstance(run, Run)
    assert len(run.history) == 2, "one epoch without an improvement of 0.9 is enough"
    assert (run.folder.tensorboard / "validation").is_dir()
    assert lipbuild.load(run.folder.resolved).config.train.monitor == "val_accuracy"


@pytest.mark.parametrize("override", ["train.restore_best_weights=true", "train.monitor=val_loss"])
def test_a_training_that_has_ended_cannot_end_otherwise(override: str, tmp_path: Path, ended: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(ended, run)
    resolved = lipbuild.load(run / "config.resolved.yaml").config.train
    assert resolved is not None
    if resolved.restore_best_weights:
        override = override.replace("true", "false")
    if resolved.monitor == "val_loss":
        override = override.replace("val_loss", "val_accuracy")
    with pytest.raises(RefusedError, match=rf"its training has ended, and `{override.split('=')[0]}` is"):
        resumed(run, override)()


def test_other_data_is_refused(ended: Path, tmp_path: Path) -> None:
    checkpoint = ended / "checkpoints" / "state.npz"
    kept = checkpoint.read_bytes()
    arrays = dict(np.load(checkpoint))
    about = arrays["about"].tobytes().replace(b'"fingerprint": "', b'"fingerprint": "0')
    try:
        np.savez(checkpoint, **{**arrays, "about": np.frombuffer(about, np.uint8)})
        with pytest.raises(
            RefusedError, match="the training data is not what this training was started with"
        ):
            resumed(ended, "train.epochs=9")()
    finally:
        checkpoint.write_bytes(kept)


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: b"", lambda data: None])
def test_a_checkpoint_that_is_damaged_or_missing_is_said_to_be(
    damage: Callable[[bytes], bytes | None], ended: Path
) -> None:
    checkpoint = ended / "checkpoints" / "state.npz"
    kept = checkpoint.read_bytes()
    damaged = damage(kept)
    try:
        checkpoint.unlink()
        if damaged is not None:
            checkpoint.write_bytes(damaged)
        with pytest.raises(
            UnusableError, match=r"state\.npz: it cannot be read|no checkpoint to resume from"
        ):
            resumed(ended, "train.epochs=9")()
    finally:
        checkpoint.write_bytes(kept)


def test_more_epochs_are_refused_where_a_schedule_spans_all_of_them(ended: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(ended, run)
    resolved = run / "config.resolved.yaml"
    text = resolved.read_text()
    assert "learning_rate: 0.1" in text
    resolved.write_text(
        text.replace("learning_rate: 0.1", "learning_rate: {CosineDecay: {initial_learning_rate: 0.1}}")
    )
    with pytest.raises(RefusedError, match=r"the schedule CosineDecay was stretched over \d epochs"):
        resumed(run, "train.epochs=2")()


def test_errors_have_the_status_that_shells_give_a_signal() -> None:
    assert StoppedError("", signal=signal.SIGINT).exit_status == 130
    assert InterruptedByOthersError("").exit_status == 75
    assert issubclass(StoppedError, LipbuildError)
