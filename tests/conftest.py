"""What all tests share: the command line as a subprocess, and short trainings of real configs."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow or busy machine is no fault of the code, and no test asserts a time.
from tests.launched import Server

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts its background jobs so, and every process that a test starts would ignore Ctrl-C too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    # `nohup` starts its command so, and a training that it ignores would never end.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
if "PYTEST_XDIST_WORKER" in os.environ:
    # Each of several processes on one thread: threads that wait for each other spin.
    for variable in (
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
        *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
    ):
        os.environ.setdefault(variable, "1")

ROOT = Path(__file__).parent.parent
CONFIGS = ROOT / "configs"

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


# Why a test is skipped that a complete machine would run.
_MISSING = ("installed", "could not import", "PostgreSQL")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With `LIPBUILD_REQUIRE_TOOLS`, as `make nightly` sets it, a tool that a test lacks fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("LIPBUILD_REQUIRE_TOOLS") or reporter is None:
        return
    reasons = {str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])}
    missing = sorted(reason for reason in reasons if any(word in reason for word in _MISSING))
    if missing:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nneeded here, and missing:", *missing, sep="\n  ")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


# The commands that import for longer than they work here.
HEAVY = {"audit", "bench", "certify", "data", "evaluate", "evidence", "export", "predict", "train", "verify"}


@pytest.fixture(scope="session")
def cli(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The real command line in a process of its own: `cli("check", path)`.

    A command that imports much is forked from a process that has, unless its environment is to be another.
    """

    def run(
        *arguments: object, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        if words[0] in HEAVY and not environment:
            process = server.launch(
                cwd or Path.cwd(), "shown", *words, shown_in=tmp_path_factory.mktemp("cli"), COLUMNS="100"
            )
            return subprocess.CompletedProcess(
                words,
                process.wait(),
                *(path.read_text(encoding="utf-8") for path in (process.out, process.err)),
            )
        return subprocess.run(
            [sys.executable, "-m", "lipbuild", *words],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1", **environment},
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Starts `lipbuild` as processes of which each needs no import of TensorFlow: `server.launch(…)`."""
    server = Server()
    yield server
    server.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Look at what a file of tests leaves behind once, and not at every full collection to the end of the run.

    Those of a process that has made thousands of graphs took 20 seconds each.
    """
    yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()
