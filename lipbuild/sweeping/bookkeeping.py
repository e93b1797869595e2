"""Which trials of a study count, which were cut off, and which are to be taken up again."""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

# What is noted of a trial: where it runs, why it failed, that there were enough, which one it takes up again.
HOST, PROCESS, PROBLEM, SURPLUS, CONTINUES = "host", "process", "problem", "surplus", "continues"


def counts(trial: FrozenTrial) -> bool:
    """Whether a trial is one of those that were asked for: it has ended, or is under way."""
    from optuna.trial import TrialState

    if trial.state is TrialState.FAIL:
        return PROBLEM in trial.user_attrs
    return trial.state is not TrialState.WAITING


def cut_off(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that were interrupted, and that no other one takes up again."""
    from optuna.trial import TrialState

    taken_up = {trial.user_attrs.get(CONTINUES) for trial in trials}
    return [
        trial
        for trial in trials
        if trial.state is TrialState.FAIL
        and not trial.user_attrs.keys() & {PROBLEM, SURPLUS}
        and trial.number not in taken_up
    ]


def take_up_again(study: Study, folder: Path) -> None:
    """Queue the trials that were interrupted, or whose worker has died, with the same values."""
    from optuna.exceptions import ExperimentalWarning
    from optuna.storages import fail_stale_trials
    from optuna.trial import TrialState

    with _alone(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            # Those of other machines, by their signs of life.
            fail_stale_trials(study)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if _is_dead(trial):
                study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
        for trial in cut_off(study.get_trials(deepcopy=False)):
            study.enqueue_trial(trial.params, user_attrs={CONTINUES: trial.number})


def _is_dead(trial: FrozenTrial) -> bool:
    """Whether the process of a trial was on this machine and has ended."""
    number = trial.user_attrs.get(PROCESS)
    if number is None or trial.user_attrs.get(HOST) != socket.gethostname():
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While it is entered no other process of this folder is inside."""
    try:
        import fcntl
    except ImportError:  # Windows, where two workers may take up one trial twice.
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
