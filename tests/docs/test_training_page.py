"""Every command of the page on training runs, in its order."""

from __future__ import annotations

import io
import json
import re
import socket
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from lipbuild.cli.run import run
from lipbuild.training.resume import MAY_CHANGE
from tests.conftest import CONFIGS, ROOT
from tests.launched import Server

PAGE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    text = (CONFIGS / "digits_mlp.yaml").read_text()
    # A schedule that spans no training, so that it can be made longer; and one that is short.
    text = re.sub(r"\n +learning_rate: \{CosineDecay.*", "\n      learning_rate: 1e-2", text)
    text = text.replace("units: 64", "units: 16").replace("batch_size: 64", "batch_size: 256")
    (folder / "config.yaml").write_text(text.replace("epochs: 30", "epochs: 2"))
    return folder


def words_of(command: str) -> list[str]:
    words = command.replace("train.epochs=40", "train.epochs=3").split()
    assert words[:2] == ["lipbuild", "train"]
    return words[1:]


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[str, str]:
    """What each command of the page printed, by the option that it shows."""
    commands = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")
    ]
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        patch.setattr(tempfile, "tempdir", str(folder))
        for command in commands:
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                status = run(words_of(command))
            assert status == 0, (command, out.getvalue(), err.getvalue())
            for option in re.findall(r"--[a-z-]+", command):
                found.setdefault(option, out.getvalue())
    return found


def test_a_dry_run_takes_one_batch_through_everything_and_keeps_nothing(
    shown: dict[str, str], folder: Path
) -> None:
    lines = shown["--dry-run"].splitlines()
    parts = ["ok data", "ok step", "ok checkpoint", "ok certify", "ok export", "nothing was"]
    assert [" ".join(line.split()[:2]) for line in lines] == parts
    assert "1293 training, 144 validation, 360 test samples, 6 steps an epoch" in lines[0]
    assert not list(folder.glob("lipbuild-*"))


def test_a_run_is_where_it_was_asked_for_and_goes_on(shown: dict[str, str], folder: Path) -> None:
    assert shown["--run"].endswith("\nruns/first\n")
    assert re.findall(r"^ *(\d+/\d+) ", shown["--resume"], re.MULTILINE) == ["3/3"]
    assert "by always answering `" in shown["--resume"]
    assert (folder / "runs" / "first" / "model.keras").is_file()


def test_a_profile_says_where_time_goes(shown: dict[str, str], folder: Path) -> None:
    text = shown["--profile"]
    shares = {name: float(share) for name, share in re.findall(r"^(\w+) +[\d.]+ +([\d.]+)%$", text, re.M)}
    phases = ("steps", "settling", "measuring", "checkpoints")
    assert sum(shares[name] for name in phases) == pytest.approx(100, abs=0.3)
    assert "MatMul" in text
    assert "7 steps are profiled in runs/" in text
    run = folder / text.splitlines()[-1]
    assert list((run / "profile").rglob("*.xplane.pb"))
    assert list((run / "tensorboard").rglob("*tfevents*"))


def test_programs_are_given_json_and_mlflow_its_store(shown: dict[str, str], folder: Path) -> None:
    events = [json.loads(line) for line in shown["--format"].splitlines()]
    assert [event["event"] for event in events] == ["start", "epoch", "epoch", "end"]
    assert events[-1]["baseline"].keys() == {"class", "accuracy", "is_beaten"}
    assert (folder / events[-1]["run"] / "mlflow.json").is_file()
    assert (folder / "mlflow.db").is_file()


@pytest.mark.nightly
def test_the_workers_come_together(server: Server, folder: Path) -> None:
    [block] = [block for block in blocks("console") if "--cluster" in block]
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{taken.getsockname()[1]}" for taken in (one, other)]
    processes = []
    for number, line in enumerate(block.splitlines()):
        host, _, command = line.partition("$ ")
        assert host == f"host-{'ab'[number]}"
        for name, address in zip(("host-a:2222", "host-b:2222"), addresses):
            command = command.replace(name, address)
        words = words_of(command.replace("runs/first", "runs/two"))
        processes.append(server.launch(folder, f"worker-{number}", *words))
    for process in processes:
        assert process.wait() == 0, process.texts()
    assert (folder / "runs" / "two" / "model.keras").is_file()


def test_the_page_lists_what_may_change_when_a_training_goes_on() -> None:
    listed = PAGE[PAGE.index("These keys can change") :].partition(". Any other")[0]
    keys = set(re.findall(r"`([a-z_.]+)`", listed))
    assert keys == {*MAY_CHANGE, "data.source"}
