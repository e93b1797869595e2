"""One training at a time in a process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lipbuild.errors import UnusableError

_TRAINING = threading.Lock()


@contextmanager
def one_training_at_a_time() -> Iterator[None]:
    """While it is entered, another thread's training is refused.

    Seeds, the determinism of operations and Keras's settings belong to the process: of two trainings in two threads
    neither would be the one that its seed promises.

    Raises:
        UnusableError: If a training runs.
    """
    if not _TRAINING.acquire(blocking=False):
        raise UnusableError(
            "a training already runs in this process, and seeds belong to the whole process",
            "start this one after it, or in a process of its own",
        )
    try:
        yield
    finally:
        _TRAINING.release()
