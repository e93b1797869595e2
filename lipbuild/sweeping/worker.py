"""A worker of a sweep: one trial after the other, until there are enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.config.config import Config
from lipbuild.errors import RefusedError
from lipbuild.sweeping.bookkeeping import SURPLUS, counts, take_up_again
from lipbuild.sweeping.results import trial_of
from lipbuild.sweeping.search import open_study, trials_of
from lipbuild.sweeping.setting import Setting

if TYPE_CHECKING:
    from optuna import Study, Trial

    from lipbuild.sweeping.results import SweepTrial

Told = Callable[["SweepTrial"], None]


class _EnoughError(Exception):
    """Another worker has begun the last trial."""


def work(setting: Setting, tell: Told) -> None:
    """Run trials until there are as many as were asked for, or the time is over.

    Args:
        setting: The sweep.
        tell: Told of each trial that has ended.

    Raises:
        UnusableError: A file is missing, or a folder cannot be written.
        StoppedError: A signal came; the trial that it cut off is taken up again by the next worker.
    """
    config = setting.check().raise_for_errors().config
    study = open_study(setting, config)
    end = None if setting.timeout is None else time.monotonic() + setting.timeout
    while True:
        take_up_again(study, Path(setting.folder))
        trials = study.get_trials(deepcopy=False)
        if sum(map(counts, trials)) >= trials_of(setting, config):
            return
        if end is not None and time.monotonic() >= end:
            return
        _run_one(study, setting, config, tell)


def _run_one(study: Study, setting: Setting, config: Config, tell: Told) -> None:
    from lipbuild.sweeping.trial_run import run_trial

    numbers: list[int] = []

    def objective(trial: Trial) -> list[float]:
        earlier = [t for t in study.get_trials(deepcopy=False) if t.number < trial.number]
        if sum(map(counts, earlier)) >= trials_of(setting, config):
            trial.set_user_attr(SURPLUS, True)
            raise _EnoughError
        numbers.append(trial.number)
        return run_trial(setting, config, trial)

    study.optimize(objective, n_trials=1, catch=(_EnoughError, RefusedError))
    for number in numbers:
        ended = trial_of(study.trials[number], config.space, Path(setting.folder))
        assert ended is not None
        tell(ended)
