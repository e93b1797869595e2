"""The commands as a user types them: what they print, what they write, their exit status."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import jsonschema
import pytest

from lipbuild.text.nodes import plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from tests.conftest import CONFIGS, Cli
from tests.launched import Server


def test_the_version_is_shown(cli: Cli) -> None:
    from lipbuild import __version__

    assert cli("--version").stdout == f"lipbuild {__version__}\n"


def test_help_names_every_command(cli: Cli) -> None:
    shown = cli("--help").stdout
    for command in ("init", "check", "train", "evaluate", "predict", "audit", "export", "schema"):
        assert re.search(rf"^  {command}\s", shown, re.MULTILINE), command


@pytest.mark.parametrize("command", ["check", "train", "evaluate", "predict", "audit", "export"])
def test_a_missing_path_gives_one_message_and_status_2(command: str, cli: Cli, tmp_path: Path) -> None:
    more = [tmp_path / "x.npy"] if command == "predict" else []
    done = cli(command, tmp_path / "nowhere", *more)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "arguments", [["chekc"], ["check"], ["train", "--nonsense"], ["export", "x", "-f", "onyx"]]
)
def test_bad_options_end_with_status_2(arguments: list[str], cli: Cli) -> None:
    done = cli(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout


def test_a_config_is_trained_and_its_run_evaluated_elsewhere(cli: Cli, tmp_path: Path) -> None:
    trained = cli("train", CONFIGS / "moons_hkr.yaml", "--set", "train.epochs=2", "-o", tmp_path / "runs")
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr == ""
    lines = trained.stdout.splitlines()
    assert lines[1].split()[:4] == ["epoch", "time", "loss", "accuracy"]
    assert re.match(r"  1/2 +[\d.]+ s +[-\d.]+ +[\d.]+%(  +[\d.]+%)+$", lines[2])
    run = Path(lines[-1])
    assert run.parent == tmp_path / "runs"
    # A run can be moved.
    moved = tmp_path / "elsewhere"
    run.rename(moved)
    evaluated = cli("evaluate", moved, "--radius", "0.05", "--radius", "0.3", "--no-attack", "--no-plots")
    assert evaluated.returncode == 0, evaluated.stderr
    assert evaluated.stderr == ""
    assert "400 test samples" in evaluated.stdout
    assert re.search(r"^0\.3 +[\d.]+%$", evaluated.stdout, re.MULTILINE)
    assert "attack" not in evaluated.stdout


def test_train_refuses_a_config_with_errors_and_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        (CONFIGS / "digits_mlp.yaml").read_text().replace("SpectralDense: {units: 10}", "Dense: {units: 10}")
    )
    done = cli("train", path, "-o", tmp_path / "runs")
    assert done.returncode == 1
    assert "use `SpectralDense`" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_labels_that_do_not_fit_give_one_message_and_status_1(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,kind\n" + "".join(f"{i},{i * i},{i % 3}\n" for i in range(30)))
    (tmp_path / "c.yaml").write_text(
        "model: {layers: [SpectralDense: {units: 2}]}\n"
        "data: {source: {csv: {path: t.csv, target: kind}}}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 1}}, epochs: 1}\n"
    )
    done = cli("train", tmp_path / "c.yaml", "-o", tmp_path / "runs")
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"error: {tmp_path / 't.csv'}: the labels have 3 classes (from 0 to 2), and the loss and the outputs are for 2"
    )
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").exists(), reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_gives_one_message(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = cli(
        "train", CONFIGS / "moons_hkr.yaml", "--set", "train.epochs=1", "-o", tmp_path / "file" / "runs"
    )
    assert done.returncode == 2
    assert "a run folder cannot be made there" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_training_leaves_its_last_checkpoint_and_ends_with_130(
    server: Server, cli: Cli, tmp_path: Path
) -> None:
    arguments = ["train", CONFIGS / "moons_hkr.yaml", "--set", "train.epochs=10000", "-o", tmp_path]
    launched = server.launch(tmp_path, "train", *arguments)
    launched.until(lambda: bool(list(tmp_path.glob("*/checkpoints/last.keras"))))
    launched.signal(signal.SIGINT)
    assert launched.wait() == 130
    assert "Traceback" not in launched.texts()
    import keras

    import lipbuild.layers  # noqa: F401

    [checkpoint] = tmp_path.glob("*/checkpoints/last.keras")
    assert keras.saving.load_model(checkpoint, compile=False).count_params() > 0
    done = cli("export", checkpoint.parent.parent)
    assert done.returncode == 2
    assert "its training did not end" in done.stderr


def test_init_does_not_replace_a_file_unless_asked(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "new" / "c.yaml"
    assert cli("init", path).returncode == 0
    text = path.read_text()
    assert cli("init", path, "-t", "cnn").returncode == 2
    assert path.read_text() == text
    assert cli("init", path, "-t", "cnn", "--force").returncode == 0
    assert "OrthoConv2D" in path.read_text()
    assert cli("init", tmp_path).returncode == 2


def test_the_schema_is_valid_and_agrees_with_the_checker(cli: Cli) -> None:
    schema = json.loads(cli("schema").stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for path in CONFIGS.rglob("*.yaml"):
        root = parse(SourceText(str(path), path.read_text())).root
        if path.is_relative_to(CONFIGS / "invalid") or root is None:
            continue
        assert list(validator.iter_errors(plain(root))) == [], path
    wrong = [
        ({"model": {"layers": [{"Dense": {"units": 3}}]}}, "a plain layer"),
        ({"model": {"layers": ["SpectralDense"]}}, "a layer that lacks its units"),
        ({"model": {"layers": [{"SpectralDense": {"units": "3"}}]}}, "text for a number"),
        ({"model": {"layers": [{"SpectralDense": {"unit": 3}}]}}, "an unknown key"),
        ({"model": {"layers": ["Flatten"]}, "train": {"epochs": 1}}, "a training without a loss"),
        ({"model": {"layers": ["Flatten"]}, "data": {"source": "digit"}}, "an unknown source"),
        ({}, "no model"),
    ]
    for value, what in wrong:
        assert list(validator.iter_errors(value)), what
