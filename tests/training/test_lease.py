"""A run folder belongs to one training: others are refused, and the dead are followed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lipbuild.errors import HeldError
from lipbuild.training.files import write_text
from lipbuild.training.lease import BEAT_SECONDS, MISSED_BEATS, refuse_held, take
from lipbuild.training.run_folder import RunFolder
from tests.launched import Server
from tests.training.test_interruption import ENDLESS, epochs_in


def digests(folder: Path) -> dict[str, str]:
    """What a folder holds, without the lease, whose owner may be another."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("lease.json", "train.log")
    }


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def left(run: RunFolder, **changes: object) -> dict[str, Any]:
    """The lease of an owner that was killed, changed."""
    code = (
        "import os, sys; from pathlib import Path; from lipbuild.training.lease import take;"
        "from lipbuild.training.run_folder import RunFolder;"
        "take(RunFolder(Path(sys.argv[1]))); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(run.path)], check=False)
    assert done.returncode == -signal.SIGKILL
    record: dict[str, Any] = json.loads(run.lease.read_text())
    for key, value in changes.items():
        place = record if key in record else record["owner"]
        assert key in place
        place[key] = value
    run.lease.write_text(json.dumps(record))
    return record


def test_a_folder_has_one_owner_until_it_is_given_back(run: RunFolder) -> None:
    with take(run) as lease:
        record = json.loads(run.lease.read_text())
        assert (record["token"], record["owner"]["number"]) == (lease.token, os.getpid())
        for try_it in (take, refuse_held):
            with pytest.raises(
                HeldError, match=rf"process {os.getpid()} on .*, its last sign of life 0 s ago"
            ):
                try_it(run)
    assert not run.path.exists(), "nothing was written, and nothing stays"
    refuse_held(run)


def test_a_dead_owner_of_this_machine_is_followed_at_once(run: RunFolder) -> None:
    left(run)
    refuse_held(run)
    began = time.monotonic()
    with take(run):
        assert time.monotonic() - began < MISSED_BEATS * BEAT_SECONDS


@pytest.mark.parametrize("elsewhere", ["host", "boot", "namespace"])
def test_the_dead_are_only_known_where_they_could_be_seen(elsewhere: str, run: RunFolder) -> None:
    left(run, **{elsewhere: "another"})
    with pytest.raises(HeldError):
        take(run)
    with pytest.raises(HeldError):
        refuse_held(run)


def test_an_expired_lease_of_another_machine_is_taken_over(run: RunFolder) -> None:
    left(run, host="another", beat_seconds=0.05)
    time.sleep(0.2)
    with take(run) as lease:
        assert json.loads(run.lease.read_text())["token"] == lease.token


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"token": 1, "owner": {"number": "x"}, "beat_seconds": -1}']
)
def test_a_lease_that_says_nothing_expires_too(text: str, run: RunFolder) -> None:
    run.path.mkdir()
    run.lease.write_text(text)
    with pytest.raises(HeldError):
        take(run)
    assert run.lease.read_text() == text


def test_the_lease_is_renewed(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPBUILD_BEAT_SECONDS", "0.05")
    with take(run):
        before = run.lease.stat().st_mtime_ns
        end = time.monotonic() + 60
        while run.lease.stat().st_mtime_ns == before:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_what_a_killed_writer_left_is_removed(run: RunFolder) -> None:
    token = left(run)["token"]
    run.state.parent.mkdir()
    dead = run.path / f".model.partial-{token}.keras"
    old = run.state.parent / f".state.partial-{uuid4().hex}.npz"
    anothers = run.path / f".evaluation.partial-{uuid4().hex}.json"
    users = run.path / ".notes.partial-1.md"
    for path in (dead, old, anothers, users):
        path.touch()
    for path in (old, users):
        os.utime(path, (0, 0))
    with take(run):
        assert [path.exists() for path in (dead, old, anothers, users)] == [False, False, True, True]


@pytest.mark.parametrize("lost", ["taken over", "removed"])
def test_who_has_lost_the_lease_writes_nothing(lost: str, run: RunFolder) -> None:
    with take(run) as lease:
        write_text(run.metrics, "mine")
        if lost == "removed":
            run.lease.unlink()
        else:
            other = run.path / "other"
            other.write_text(run.lease.read_text().replace(lease.token, "another"))
            other.replace(run.lease)
        kept = run.lease.read_text() if run.lease.exists() else None
        with pytest.raises(HeldError, match="presumed dead, and has written nothing since"):
            write_text(run.metrics, "late")
        assert run.metrics.read_text() == "mine"
        assert not list(run.path.glob(".*partial*"))
    assert (run.lease.read_text() if run.lease.exists() else None) == kept, "it is another's"


def test_a_second_training_is_refused_and_the_first_goes_on(
    small: Path, server: Server, tmp_path: Path
) -> None:
    command = ("train", small, "--run", "run", "--quiet", "--set", ENDLESS)
    first = server.launch(tmp_path, "first", *command, LIPBUILD_BEAT_SECONDS="0.1")
    run = RunFolder(tmp_path / "run")
    first.until(lambda: epochs_in(run.path) >= 1)
    for name, also in (("second", ("--set", "seed=1")), ("third", ())):
        other = server.launch(tmp_path, name, *command, *also)
        assert other.wait() == 75
        assert f"error: run: it belongs to another training, process {first.number} on " in other.texts()
        assert "Traceback" not in other.texts()
    # It sleeps for so long that it is presumed dead.
    first.signal(signal.SIGSTOP)
    time.sleep(0.5)
    with take(run):
        before = digests(run.path)
        first.signal(signal.SIGCONT)
        assert first.wait() == 75
        assert "run: it belongs to another training now: process" in first.texts()
        assert "Traceback" not in first.texts()
        assert digests(run.path) == before
