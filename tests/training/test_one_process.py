"""What else a program does in the process of a training: other threads, Keras's settings, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import UnusableError
from lipbuild.training.steps import Steps
from lipbuild.training.train import Run
from tests.training.conftest import SMALL

CONVOLUTION = SMALL.replace(
    "    - Flatten\n", "    - SpectralConv2D: {filters: 4, kernel_size: 3}\n    - Flatten\n"
)


@pytest.fixture
def settings() -> Iterator[dict[str, object]]:
    """Settings of a program, and what they are at the end of the test."""
    of = {
        "floatx": "float64",
        "image_data_format": "channels_first",
        "epsilon": 1e-3,
        "dtype_policy": "float64",
    }
    before = {name: getattr(keras.config, name)() for name in of}
    for name, value in of.items():
        getattr(keras.config, f"set_{name}")(value)
    yield of
    for name, value in before.items():
        getattr(keras.config, f"set_{name}")(value)


def _train(tmp_path: Path, name: str) -> Run:
    (tmp_path / "small.yaml").write_text(CONVOLUTION)
    config = lipbuild.load(tmp_path / "small.yaml", ["train.epochs=1", "train.batch_size=400"])
    return lipbuild.train(config, run=tmp_path / name, quiet=True)


def test_keras_settings_of_a_program_change_nothing_and_stay(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    run = _train(tmp_path, "own")
    assert {weight.dtype for weight in run.model.get_weights()} == {np.dtype("float32")}
    statement = lipbuild.certify(run.folder.path, output=tmp_path / "own.json").statement
    assert 0.1 < float.fromhex(statement["predicate"]["lipschitz"]) <= 1.0
    assert lipbuild.build(tmp_path / "small.yaml").input_shape == (None, 8, 8, 1)
    # What is served is held against what it should answer, and what is audited against what Keras computes.
    lipbuild.serving_app(run.folder.path)
    assert lipbuild.audit(run.folder.path).lipschitz is not None
    found = {name: getattr(keras.config, name)() for name in settings}
    assert found.pop("dtype_policy").name == settings.pop("dtype_policy")
    assert found == settings
    keras.config.set_dtype_policy("float32")
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    usual = _train(tmp_path, "usual")
    for mine, others in zip(run.model.get_weights(), usual.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, others)


def test_the_last_of_several_threads_puts_the_settings_back(settings: dict[str, object]) -> None:
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with keras_settings():
            inside.set()
            leave.wait()

    other = threading.Thread(target=stay)
    other.start()
    inside.wait()
    with keras_settings():
        assert keras.config.floatx() == "float32"
    assert keras.config.floatx() == "float32"
    leave.set()
    other.join()
    assert keras.config.floatx() == settings["floatx"]


def test_a_second_training_of_the_process_is_refused_while_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, refused = Steps.train, []

    def meanwhile(self: Steps, *arguments: object) -> object:
        if not refused:
            other = threading.Thread(target=second)
            other.start()
            other.join()
        return learn(self, *arguments)

    def second() -> None:
        try:
            _train(tmp_path, "second")
        except UnusableError as error:
            refused.append(error)

    monkeypatch.setattr(Steps, "train", meanwhile)
    _train(tmp_path, "first")
    [error] = refused
    assert "already runs in this process" in error.message
    assert "a process of its own" in error.help
    assert not (tmp_path / "second").exists()


def test_ctrl_c_passes_whoever_catches_exceptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learn = Steps.train

    def interrupt(self: Steps, *arguments: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return learn(self, *arguments)

    monkeypatch.setattr(Steps, "train", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"interrupted in epoch 1, step 1.*--resume"):
        _train(tmp_path, "run")
    assert (tmp_path / "run" / "checkpoints" / "state.npz").is_file()


def test_another_backend_is_refused_by_name() -> None:
    program = "import lipbuild; lipbuild.build({'model': {'input': [4], 'layers': [{'SpectralDense': {'units': 2}}]}})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "UnusableError: Keras is set to the backend 'jax', and lipbuild needs TensorFlow" in done.stderr
