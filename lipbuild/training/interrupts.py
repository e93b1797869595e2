"""The signals that ask a training to end: Ctrl-C, SIGTERM, a terminal that goes away, and SLURM's warning."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any

from lipbuild.training.lease import give_up_leases

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1")


def _handled(handler: Callable[[int, FrameType | None], None]) -> dict[int, Any]:
    """Let the signals be handled, and return how they were before.

    Python lets the main thread alone do so. A SIGHUP that is ignored stays so, as `nohup` asks.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return {
        number: signal.signal(number, handler)
        for number in numbers
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN
    }


def _restore(before: dict[int, Any]) -> None:
    for number, handler in before.items():
        signal.signal(number, handler)


class Interrupts:
    """While it is entered, a signal is noted instead of ending the process, so that a step can be ended.

    A second one is obeyed at once. Elsewhere than in the main thread this does nothing.

    Attributes:
        signal: The signal that came; 0 as long as none did.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        self._before = _handled(self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self._restore()

    def _restore(self) -> None:
        _restore(self._before)
        self._before = {}


@contextmanager
def ended_at_once() -> Iterator[None]:
    """While it is entered, a signal ends the process at once, with the status that shells give it.

    Nothing is unwound: an exception that is raised within an import may end in anything. The run folder is given back.
    """
    before = _handled(_end)
    try:
        yield
    finally:
        _restore(before)


def _end(number: int, _: FrameType | None) -> None:
    give_up_leases()
    if number == signal.SIGINT:
        # Whoever pressed it waits for an answer; another signal ends quietly.
        with suppress(OSError):
            os.write(2, b"error: interrupted\n")
    os._exit(128 + number)
