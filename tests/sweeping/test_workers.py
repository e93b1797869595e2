"""Several processes on one study, and what becomes of it when they are interrupted or killed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import lipbuild
from lipbuild.errors import LipbuildError
from lipbuild.sweeping.search import open_study
from lipbuild.sweeping.setting import make_setting
from tests.launched import PATIENCE, Server
from tests.sweeping.conftest import CONFIG, SWEEP


@pytest.mark.nightly
def test_after_ctrl_c_the_same_command_takes_the_trial_up_where_it_was(
    tmp_path: Path, server: Server
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text((CONFIG + SWEEP).replace("epochs: 2\n", "epochs: 30\n"), encoding="utf-8")
    command = ("sweep", path, "--trials", 1, "--no-plots")
    first = server.launch(tmp_path, "first", *command)
    folder = tmp_path / "sweeps" / "small"
    metrics = folder / "trials" / "0000" / "metrics.csv"
    first.until(metrics.exists)
    first.signal(signal.SIGINT)
    assert first.wait() == 130, first.texts()
    assert "1 trial: 1 interrupted" in first.out.read_text()
    assert first.err.read_text() == ("error: interrupted\n  help: repeat the command to continue\n")
    assert "interrupted" in (folder / "trials.csv").read_text()
    reached = len(metrics.read_text().splitlines()) - 1
    assert 0 < reached < 30
    second = server.launch(tmp_path, "second", *command)
    assert second.wait() == 0, second.texts()
    # Its folder has moved with it, and its training went on.
    assert not (folder / "trials" / "0000").exists()
    environment = (folder / "trials" / "0001" / "environment.json").read_text()
    assert '"resumed"' in environment
    assert len((folder / "trials" / "0001" / "metrics.csv").read_text().splitlines()) == 31
    assert "1 trial: 1 complete" in second.out.read_text()
    assert second.out.read_text().count("trial 1:") == 1


def processes(database: Path) -> list[int]:
    """The processes of the trials that are under way, read without Optuna."""
    if not database.exists():
        return []
    with sqlite3.connect(database, timeout=60) as connection:
        try:
            rows = connection.execute(
                "select value_json from trial_user_attributes a join trials t on t.trial_id = a.trial_id "
                "where a.key = 'process' and t.state = 'RUNNING'"
            ).fetchall()
        except sqlite3.OperationalError:
            return []
    return [int(row[0]) for row in rows]


@pytest.mark.nightly
def test_two_workers_share_a_study_and_one_takes_up_what_another_was_killed_in(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    # Long enough for a look at who is at work.
    path.write_text((CONFIG + SWEEP).replace("epochs: 2\n", "epochs: 30\n"), encoding="utf-8")
    ended: list[LipbuildError | lipbuild.sweeping.results.Sweep] = []  # type: ignore[name-defined]

    def run() -> None:
        try:
            ended.append(lipbuild.sweep(path, tmp_path, trials=2, workers=2, quiet=True, plots=False))
        except LipbuildError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    end = time.monotonic() + PATIENCE
    while len(set(at_work := processes(tmp_path / "small" / "study.db"))) < 2:
        assert thread.is_alive(), ended
        assert time.monotonic() < end
        time.sleep(0.02)
    assert os.getpid() not in at_work
    os.kill(at_work[0], signal.SIGKILL)
    thread.join()
    [error] = ended
    assert isinstance(error, LipbuildError)
    assert error.message == "1 of 2 workers ended early, with signal SIGKILL"
    found = lipbuild.sweep(path, tmp_path, trials=0, quiet=True, plots=False)
    assert [trial.state for trial in found.trials] == ["complete"] * 2
    assert len({tuple(trial.options.items()) for trial in found.trials}) == 2


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, where there is one installed."""
    initdb = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if initdb is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    import pwd

    # It refuses to run as root.
    user = None
    if os.getuid() == 0:
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root")
    folder = Path("/tmp") / f"lipbuild-postgresql-{os.getpid()}"
    folder.mkdir()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user is not None else {}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, "check": True}
    binaries = Path(initdb).parent
    data = str(folder / "data")
    try:
        subprocess.run([initdb, "-D", data, "-U", "sweeper", "--auth=trust"], **quiet, **who)  # type: ignore[call-overload]
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        start = [str(binaries / "pg_ctl"), "-D", data, "-w", "-o", options, "start"]
        subprocess.run(start, **quiet, **who)  # type: ignore[call-overload]
        try:
            yield f"postgresql://sweeper:secret@/postgres?host={folder}"
        finally:
            stop = [str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop"]
            subprocess.run(stop, **quiet, **who)  # type: ignore[call-overload]
    finally:
        shutil.rmtree(folder)


def test_a_study_lives_in_postgresql(postgresql: str, config: Path, tmp_path: Path) -> None:
    found = lipbuild.sweep(config, tmp_path / "one", storage=postgresql, trials=1, quiet=True, plots=False)
    assert [trial.state for trial in found.trials] == ["complete"]
    # Another machine has a folder of its own, and sees the trial all the same.
    elsewhere = lipbuild.sweep(
        config, tmp_path / "two", storage=postgresql, trials=1, quiet=True, plots=False
    )
    assert elsewhere.trials[0].values == found.trials[0].values
    assert elsewhere.trials[0].run is None
    assert not (tmp_path / "one" / "small" / "study.db").exists()


def _fail_to_open(urls: Sequence[str], config: Path, together: int) -> list[str]:
    """What several that open each new storage at the same moment are told; nothing where none is refused."""
    checked = lipbuild.load(config)
    start = threading.Barrier(together)
    told: list[str] = []

    def open_all() -> None:
        for url in urls:
            setting = make_setting(checked, [], config.parent, storage=url, study="race")
            start.wait()
            try:
                open_study(setting, checked.config)
            except Exception as error:  # whatever it is
                told.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=open_all) for _ in range(together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_those_that_start_together_make_the_storage_once(config: Path, tmp_path: Path) -> None:
    assert not _fail_to_open([str(tmp_path / f"{i}.db") for i in range(5)], config, 3)


def test_those_that_start_together_make_the_storage_in_postgresql_once(
    postgresql: str, config: Path, tmp_path: Path
) -> None:
    import psycopg

    urls = []
    with psycopg.connect(postgresql, autocommit=True) as server:
        for i in range(5):
            server.execute(f"CREATE DATABASE race{i}".encode())
            urls.append(postgresql.replace("/postgres?", f"/race{i}?"))
    assert not _fail_to_open(urls, config, 3)
