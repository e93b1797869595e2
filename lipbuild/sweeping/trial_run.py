"""One trial: its values laid over the config, trained, measured."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings
from lipbuild.config.config import Config
from lipbuild.errors import RefusedError
from lipbuild.evaluation.trained import load_trained
from lipbuild.sweeping.bookkeeping import CONTINUES, HOST, PROBLEM, PROCESS
from lipbuild.sweeping.measure import measure
from lipbuild.sweeping.pruning import PrunedError, Pruning
from lipbuild.sweeping.setting import Setting
from lipbuild.sweeping.trial_folder import trial_folder
from lipbuild.sweeping.values import suggest
from lipbuild.training.options import TrainOptions
from lipbuild.training.train import train

if TYPE_CHECKING:
    from optuna import Trial

    from lipbuild.training.listeners.listener import Listener


@keras_settings()
def run_trial(setting: Setting, config: Config, trial: Trial) -> list[float]:
    """Train with a trial's values and measure the objectives.

    Args:
        setting: The sweep.
        config: Its config.
        trial: The trial, which chooses the values.

    Raises:
        optuna.TrialPruned: It was given up.
        RefusedError: It cannot be trained or measured; why is noted.
        UnusableError: A file is missing, or the folder cannot be written.
        StoppedError: A signal came.
    """
    import keras
    from optuna import TrialPruned

    trial.set_user_attr(HOST, socket.gethostname())
    trial.set_user_attr(PROCESS, os.getpid())
    options = [f"{key.path}={suggest(trial, key)}" for key in config.space]
    folder = trial_folder(Path(setting.folder), trial.number)
    try:
        accepted = setting.check(options).raise_for_errors()
        _move_in(trial, Path(setting.folder), folder)
        done = train(accepted, TrainOptions(folder=folder, quiet=True), _listeners(config, trial))
        return measure(load_trained(done.folder), done.dataset, config.needed("sweep").objectives)
    except PrunedError as error:
        raise TrialPruned(error.message) from None
    except RefusedError as error:
        trial.set_user_attr(PROBLEM, error.message.strip().split("\n", 1)[0])
        raise
    finally:
        # Of hundreds of trainings in one process the graphs would be kept.
        keras.utils.clear_session()


def _listeners(config: Config, trial: Trial) -> Sequence[Listener]:
    """Who is told of the training: the pruner, where there is one."""
    section = config.needed("sweep")
    column = section.objectives[0].column
    return [Pruning(trial, column)] if section.pruner is not None and column is not None else []


def _move_in(trial: Trial, folder: Path, own: Path) -> None:
    """Take over the run folder of a trial that was interrupted, so that its training goes on from its checkpoint."""
    before = trial.user_attrs.get(CONTINUES)
    if before is None:
        return
    if len(trial.study.directions) == 1:
        for epoch, value in trial.study.trials[before].intermediate_values.items():
            trial.report(value, epoch)
    try:
        trial_folder(folder, before).rename(own)
    except OSError:
        # It ran elsewhere, or had not come to have a folder: the training begins anew.
        return
