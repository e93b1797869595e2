from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from lipbuild.errors import LipbuildError, RefusedError, StoppedError
from lipbuild.rules.check import Accepted
from lipbuild.sweeping.identity import check_unchanged
from lipbuild.sweeping.outputs import pick_trial, write_outputs
from lipbuild.sweeping.processes import run_workers
from lipbuild.sweeping.results import Sweep, SweepTrial, read_results
from lipbuild.sweeping.search import open_study
from lipbuild.sweeping.setting import Setting


@dataclass(frozen=True)
class Outcome:
    """A sweep, as far as it has come.

    Attributes:
        sweep: Its trials.
        problem: Why it did not come to its end; None where it did.
    """

    sweep: Sweep
    problem: LipbuildError | None = None


def run_sweep(
    setting: Setting,
    checked: Accepted,
    *,
    workers: int,
    pick: str | None,
    plots: bool,
    tell: Callable[[SweepTrial], None],
) -> Outcome:
    """Run the trials that a sweep still lacks, and write what has been found, whatever ends it.

    Args:
        setting: The sweep.
        checked: Its config.
        workers: How many processes work on it.
        pick: What `best.yaml` is; see `write_outputs`.
        plots: Whether to draw.
        tell: Told of each trial as it ends, where this process is the only worker.

    Raises:
        RefusedError: The config voids what is looked for, or is not the one the sweep was begun with; or
            there is nothing to pick.
        UnusableError: Optuna is not installed, or the storage cannot be reached.
    """
    config = checked.config
    certified = next((one.label for one in config.needed("sweep").objectives if one.certified), None)
    if certified is not None and checked.voided_by:
        rules = ", ".join(f"`{rule}`" for rule in checked.voided_by)
        raise RefusedError(
            f"{setting.name}: the config silences {rules}, so there is no `{certified}` to look for"
        )
    study = open_study(setting, config)
    check_unchanged(study, setting, checked)
    if pick is not None and not pick.isdigit():
        # Better now than after the last trial.
        pick_trial(read_results(study, setting, config), pick)
    problem: LipbuildError | None = None
    try:
        if workers > 1:
            run_workers(setting, workers)
        else:
            from lipbuild.sweeping.worker import work

            work(setting, tell)
    except KeyboardInterrupt:
        problem = _interrupted(signal.SIGINT)
    except StoppedError as error:
        problem = _interrupted(error.exit_status - 128)
    except LipbuildError as error:
        problem = error
    sweep = write_outputs(read_results(study, setting, config), setting, pick, plots=plots)
    return Outcome(sweep, problem)


def _interrupted(number: int) -> StoppedError:
    return StoppedError("interrupted", "repeat the command to continue", signal=number)


def show_nothing(_: SweepTrial) -> None:
    """Tell nobody."""


def printer(objectives: tuple[str, ...]) -> Callable[[SweepTrial], None]:
    """What prints each trial as it ends, on standard error."""
    from lipbuild.sweeping.trial_line import trial_line

    def tell(trial: SweepTrial) -> None:
        print(trial_line(trial, objectives), file=sys.stderr, flush=True)

    return tell
