from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from lipbuild.errors import RefusedError, StoppedError, UnusableError
from lipbuild.sweeping.setting import Setting
from lipbuild.training.interrupts import Interrupts

# What a worker runs; the process is the command line's.
_WORKER = "lipbuild.cli.sweep_worker"
# Seconds between two looks at the workers.
_PAUSE = 0.1


def run_workers(setting: Setting, count: int) -> None:
    """Let several processes of this machine work on a sweep, and wait for them.

    Ctrl-C and SIGTERM are handed on, so that each worker keeps what its training has reached; a second Ctrl-C ends
    them at once.

    Args:
        setting: The sweep.
        count: The number of workers.

    Raises:
        StoppedError: A signal came.
        UnusableError: A worker could not go on; it has said why.
        RefusedError: The same, of a config that was found wanting.
    """
    workers = [_start(setting, count) for _ in range(count)]
    interrupts = Interrupts()
    told = 0
    try:
        with interrupts:
            # Each is asked: one that has died is gone only then, and its trial free for the others.
            while None in [worker.poll() for worker in workers]:
                if interrupts.signal and not told:
                    told = interrupts.signal
                    for worker in workers:
                        if worker.poll() is None:
                            worker.send_signal(told)
                time.sleep(_PAUSE)
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
    if told:
        raise StoppedError("interrupted", signal=told)
    _look_at([worker.returncode for worker in workers])


def _start(setting: Setting, count: int) -> subprocess.Popen[str]:
    threads = str(max(1, (os.cpu_count() or 1) // count))
    usual = {
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        # Threads of one worker that wait for those of another spin.
        "OMP_NUM_THREADS": threads,
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", _WORKER],
        stdin=subprocess.PIPE,
        text=True,
        env={**usual, **os.environ},
        # A terminal's Ctrl-C is for the sweep, which hands it on once.
        start_new_session=True,
    )
    assert worker.stdin is not None
    worker.stdin.write(setting.as_json())
    worker.stdin.close()
    return worker


def _look_at(statuses: Sequence[int]) -> None:
    failed = [status for status in statuses if status]
    if not failed:
        return
    how = [
        f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}" for status in failed
    ]
    message = f"{len(failed)} of {len(statuses)} workers ended early, with {', '.join(how)}"
    error = RefusedError if all(status == 1 for status in failed) else UnusableError
    raise error(message, "repeat the command to continue the sweep")
