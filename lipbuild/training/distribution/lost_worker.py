from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from lipbuild.errors import InterruptedByOthersError
from lipbuild.training.distribution.distribution import Distribution

# What TensorFlow's collective operations raise where another process has gone, or does not answer in time.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.DeadlineExceededError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.InternalError,
    tf.errors.FailedPreconditionError,
    tf.errors.UnknownError,
)


@contextmanager
def lost_workers_reported(distribution: Distribution, run: Path | None) -> Iterator[None]:
    """Turn what TensorFlow raises when another process is lost into one message.

    The step in which it happens is lost with it, and nothing is written after it: what is on the disk is the last
    checkpoint, whole.

    Args:
        distribution: The processes.
        run: The run folder, for the message; None where it is not known here.

    Raises:
        InterruptedByOthersError: A process is lost.
    """
    try:
        yield
    except _LOST as error:
        if distribution.processes == 1:
            raise
        assert distribution.cluster is not None
        others = [
            worker
            for index, worker in enumerate(distribution.cluster.workers)
            if index != distribution.cluster.index
        ]
        named = [worker for worker in others if worker in str(error)]
        which = f"the worker {named[0]}" if len(named) == 1 else f"one of the workers {', '.join(others)}"
        where = f" --run {run}" if run is not None else ""
        raise InterruptedByOthersError(
            f"{which} is lost: it has ended, or does not answer",
            "look at its messages, then start every worker again as before"
            + (f" with `{where.strip()}`" if where else "")
            + ": the training resumes from its last checkpoint",
        ) from None
