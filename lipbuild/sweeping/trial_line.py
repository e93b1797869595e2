from __future__ import annotations

from collections.abc import Sequence

from lipbuild.sweeping.results import SweepTrial
from lipbuild.sweeping.short import short_names, short_value


def trial_line(trial: SweepTrial, objectives: Sequence[str]) -> str:
    """What is said of a trial as it ends.

    Args:
        trial: The trial.
        objectives: What its values are called.
    """
    names = short_names(list(trial.options))
    tried = ", ".join(f"{name} {short_value(value)}" for name, value in zip(names, trial.options.values()))
    if trial.state == "complete":
        result = ", ".join(f"{name} {value:.4g}" for name, value in zip(objectives, trial.values))
    elif trial.state == "pruned":
        result = f"given up after epoch {trial.epochs}"
    else:
        result = f"failed: {trial.problem}"
    return f"trial {trial.number}: {result} ({tried})"
