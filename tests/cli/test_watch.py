"""`lipbuild check --watch` as a process: a changed file is checked again, and so is a changed parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Write = Callable[[str, str], Path]

BASE = "model: {input: [8], layers: [SpectralDense: {units: 8}]}\n"


@pytest.fixture
def watching(tmp_path: Path, bytecode: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the watch; whatever becomes of the test, the process ends."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "lipbuild", "check", "--watch", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
            text=True,
            env={**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONUNBUFFERED": "1"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def until(process: "subprocess.Popen[str]", word: str) -> str:
    """What it prints up to a line with a word."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    raise AssertionError(f"it ended: {said}")


def test_a_config_is_checked_again_when_it_or_its_parent_changes(
    watching: Callable[..., "subprocess.Popen[str]"], write: Write
) -> None:
    write("parents/base.yaml", BASE)
    write("child.yaml", "extends: parents/base.yaml\n")
    process = watching("child.yaml")
    assert "child.yaml: ok" in until(process, "watching 2 files")
    write("child.yaml", "extends: parents/base.yaml\nnam: x\n")
    assert "unknown-keys" in until(process, "watching 2 files")
    write("child.yaml", "extends: parents/base.yaml\nname: x\n")
    assert "child.yaml: ok" in until(process, "watching 2 files")
    write("parents/base.yaml", BASE.replace("SpectralDense", "Dense"))
    assert "plain-dense" in until(process, "watching 2 files")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130


def test_a_new_config_in_a_folder_is_checked_too(
    watching: Callable[..., "subprocess.Popen[str]"], write: Write
) -> None:
    write("configs/a.yaml", BASE)
    process = watching("configs")
    assert "a.yaml: ok" in until(process, "watching 1 file;")
    write("configs/b.yaml", BASE)
    assert "b.yaml: ok" in until(process, "watching 2 files")


@pytest.mark.parametrize(
    ("path", "message"),
    [("-", "standard input cannot be watched"), ("none.yaml", "there is no such file")],
)
def test_what_cannot_be_watched_ends_with_2(
    watching: Callable[..., "subprocess.Popen[str]"], path: str, message: str
) -> None:
    process = watching(path)
    assert process.stdout is not None
    assert message in process.stdout.read()
    assert process.wait(10) == 2
