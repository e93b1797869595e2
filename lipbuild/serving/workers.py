from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Any

from lipbuild.errors import LipbuildError, UnusableError

# A worker that dies is followed by another, the sooner the longer it has lived.
_FIRST_WAIT, _LONGEST_WAIT, _LIVED = 1.0, 30.0, 60.0
_LOOK = 0.2
# Beyond the grace period of a worker, which ends itself.
_MORE = 0.5

# What a worker does: it calls the function given once it is ready, and returns when it has been told to end.
Work = Callable[[Callable[[], None]], None]


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    began: float = field(default_factory=time.monotonic)
    ready: bool = False


class Workers:
    """Processes that do the same, each of which is followed by another when it dies.

    Args:
        work: What each does; it is sent there, so it is a function of a module, or a partial of one.
        count: How many there are.
        grace: How many seconds they have to end in.
    """

    def __init__(self, work: Work, count: int, grace: float) -> None:
        self._work = work
        self._count = count
        self._grace = grace
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._starts: list[float] = []
        self._next_wait = _FIRST_WAIT
        self._stopping = False

    def run(self, when_ready: Callable[[], None]) -> None:
        """Start all, and return when all have ended after SIGINT or SIGTERM.

        Args:
            when_ready: Called once when all are ready for the first time.

        Raises:
            LipbuildError: One could not begin.
        """
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        threads = str(max(1, (os.cpu_count() or 1) // self._count))
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ.setdefault(name, threads)
        try:
            with tempfile.TemporaryDirectory(prefix="lipbuild-metrics-") as folder:
                os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
                try:
                    self._run(when_ready)
                finally:
                    self._end_all()
                    del os.environ["PROMETHEUS_MULTIPROC_DIR"]
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _run(self, when_ready: Callable[[], None]) -> None:
        self._starts = [0.0] * self._count
        announced = False
        while not self._stopping:
            now = time.monotonic()
            for start in [start for start in self._starts if start <= now]:
                self._starts.remove(start)
                self._start()
            wait([w.pipe for w in self._workers] + [w.process.sentinel for w in self._workers], _LOOK)
            for worker in list(self._workers):
                self._look_at(worker, announced)
            if not announced and len(self._workers) == self._count and all(w.ready for w in self._workers):
                announced = True
                when_ready()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_enter, args=(self._work, theirs))
        with _no_main():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))

    def _look_at(self, worker: _Worker, announced: bool) -> None:
        error = self._hear(worker)
        if worker.process.is_alive() and error is None:
            return
        worker.process.join(1.0)
        self._workers.remove(worker)
        if self._stopping:
            return
        if not announced:
            raise error or UnusableError(
                f"a worker ended with the status {worker.process.exitcode} at its start"
            )
        if time.monotonic() - worker.began > _LIVED:
            self._next_wait = _FIRST_WAIT
        print(
            f"a worker ended with the status {worker.process.exitcode}; another starts in {self._next_wait:g} s",
            file=sys.stderr,
            flush=True,
        )
        self._starts.append(time.monotonic() + self._next_wait)
        self._next_wait = min(2.0 * self._next_wait, _LONGEST_WAIT)

    def _hear(self, worker: _Worker) -> LipbuildError | None:
        try:
            if not worker.ready and worker.pipe.poll():
                error: LipbuildError | None = worker.pipe.recv()
                worker.ready = error is None
                return error
        except (EOFError, OSError):
            pass
        return None

    def _end_all(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        end = time.monotonic() + self._grace + _MORE
        for worker in self._workers:
            worker.process.join(max(0.0, end - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _stop(self, *_: Any) -> None:
        self._stopping = True


@contextmanager
def _no_main() -> Iterator[None]:
    """Let a worker not import the program that this is, whatever that does when it is imported."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _enter(work: Work, pipe: Connection) -> None:
    """In a worker: do its work, or say why it cannot."""
    # Until it serves, a signal ends it at once and without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work(lambda: pipe.send(None))
    except LipbuildError as error:
        pipe.send(error)
        sys.exit(error.exit_status)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
