from __future__ import annotations

import json
import logging
import queue
import sys
from contextlib import suppress
from datetime import datetime, timezone
from logging.handlers import QueueHandler, QueueListener
from typing import Any

# Lines that wait for a reader that is slow; more are left out, and no request waits.
_WAITING = 10_000


class AccessLog:
    """One line of JSON a request, on standard output, written by a thread of its own.

    JSON in ASCII: whatever a client puts into a path reaches no terminal as it is.
    """

    def __init__(self) -> None:
        self._lines: queue.Queue[Any] = queue.Queue(_WAITING)
        self._logger = logging.Logger("lipbuild.access")
        self._logger.addHandler(_Dropping(self._lines))
        handler = _Quiet(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        self._listener = QueueListener(self._lines, handler)
        self._listener.start()

    def write(self, **fields: Any) -> None:
        """Write one line.

        Args:
            **fields: What it says beside the time.
        """
        time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        self._logger.info(json.dumps({"time": time, **fields}))

    def close(self) -> None:
        """Write what waits."""
        # Where the queue is full, the listener could not add what tells it to stop.
        self._lines.join()
        self._listener.stop()


class _Dropping(QueueHandler):
    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)


class _Quiet(logging.StreamHandler):  # type: ignore[type-arg]
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Nobody reads any more, which need not be said for each line."""
