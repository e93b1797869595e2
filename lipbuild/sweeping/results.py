from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lipbuild.config.config import Config
from lipbuild.config.sweep.space import Space
from lipbuild.outputs.shown import Shown
from lipbuild.sweeping.bookkeeping import PROBLEM, SURPLUS, cut_off
from lipbuild.sweeping.setting import Setting
from lipbuild.sweeping.trial_folder import trial_folder
from lipbuild.sweeping.values import options_of

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

State = Literal["complete", "pruned", "failed", "interrupted", "running", "waiting"]


@dataclass(frozen=True)
class SweepTrial:
    """One trial of a sweep.

    Attributes:
        number: Its number, from 0.
        state: How far it has come.
        options: The values that it laid over the config, as YAML, by their paths.
        values: The objectives; empty unless it is complete.
        run: Its run folder; None where there is none on this machine.
        epochs: The last epoch at which it was compared with others, where there is a pruner.
        seconds: How long it took; None as long as it has not ended.
        problem: Why it failed.
    """

    number: int
    state: State
    options: Mapping[str, str]
    values: tuple[float, ...] = ()
    run: Path | None = None
    epochs: int | None = None
    seconds: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Sweep(Shown):
    """A sweep as far as it has come.

    Attributes:
        folder: Its folder.
        study: The name of Optuna's study.
        storage: The URL of the study's storage, with its password.
        objectives: What is looked for.
        maximized: Whether more of each is better.
        trials: The trials in the order of their numbers.
        best: The numbers of the trials of which no other is better in all objectives; with one objective of the best
            one alone.
        configs: With several objectives, the configs of the best trials by their numbers.
        picked: The trial whose config is `best.yaml`; None where there is none.
        config: That file; None where there is none.
    """

    folder: Path
    study: str
    storage: str
    objectives: tuple[str, ...]
    maximized: tuple[bool, ...]
    trials: tuple[SweepTrial, ...]
    best: tuple[int, ...]
    configs: Mapping[int, Path]
    picked: int | None = None
    config: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild sweep --format json` prints it; without the storage, whose URL may hold a password."""
        return {
            "folder": str(self.folder),
            "study": self.study,
            "objectives": [
                {"name": name, "maximized": maximized}
                for name, maximized in zip(self.objectives, self.maximized)
            ],
            "trials": [
                {**asdict(trial), "run": None if trial.run is None else str(trial.run)}
                for trial in self.trials
            ],
            "best": list(self.best),
            "configs": {str(number): str(path) for number, path in self.configs.items()},
            "picked": self.picked,
            "config": None if self.config is None else str(self.config),
        }

    def trial(self, number: int) -> SweepTrial:
        """The trial of a number."""
        return next(trial for trial in self.trials if trial.number == number)


def read_results(study: Study, setting: Setting, config: Config) -> Sweep:
    """What a study holds of a sweep.

    Args:
        study: The study.
        setting: The sweep.
        config: Its config.
    """
    folder = Path(setting.folder)
    stored = study.get_trials(deepcopy=False)
    interrupted = {trial.number for trial in cut_off(stored)}
    trials = [
        trial_of(trial, config.space, folder, is_cut_off=trial.number in interrupted) for trial in stored
    ]
    objectives = config.needed("sweep").objectives
    found = tuple(trial for trial in trials if trial is not None)
    signs = [1.0 if one.maximized else -1.0 for one in objectives]
    return Sweep(
        folder=folder,
        study=setting.study,
        storage=setting.storage,
        objectives=tuple(one.label for one in objectives),
        maximized=tuple(one.maximized for one in objectives),
        trials=found,
        best=_best(found, signs),
        configs={},
    )


def _best(trials: tuple[SweepTrial, ...], signs: list[float]) -> tuple[int, ...]:
    """The trials that no other one dominates, the first one of equals; the best ones by the first objective first."""
    points = {
        trial.number: tuple(sign * value for sign, value in zip(signs, trial.values))
        for trial in trials
        if trial.state == "complete"
    }
    front = [
        number
        for number, point in points.items()
        if not any(
            other != number
            and all(a >= b for a, b in zip(points[other], point))
            and (points[other] != point or other < number)
            for other in points
        )
    ]
    return tuple(sorted(front, key=lambda number: (*(-value for value in points[number]), number)))


def trial_of(
    trial: FrozenTrial, space: Space, folder: Path, *, is_cut_off: bool = False
) -> SweepTrial | None:
    """A trial of a study; None where it is of no matter: it came too late, or another one has taken it up again."""
    from optuna.trial import TrialState

    states: dict[TrialState, State] = {
        TrialState.COMPLETE: "complete",
        TrialState.PRUNED: "pruned",
        TrialState.RUNNING: "running",
        TrialState.WAITING: "waiting",
    }
    state: State | None = states.get(trial.state)
    if trial.state is TrialState.FAIL:
        state = "failed" if PROBLEM in trial.user_attrs else "interrupted" if is_cut_off else None
    if state is None or SURPLUS in trial.user_attrs:
        return None
    run = trial_folder(folder, trial.number)
    return SweepTrial(
        number=trial.number,
        state=state,
        options=options_of(space, trial.params),
        values=tuple(trial.values) if state == "complete" else (),
        run=Path(os.path.relpath(run)) if run.is_dir() else None,
        epochs=trial.last_step,
        seconds=trial.duration.total_seconds() if trial.duration is not None else None,
        problem=str(trial.user_attrs.get(PROBLEM, "")),
    )
