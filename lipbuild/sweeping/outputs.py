"""What a sweep leaves behind: a table of its trials, the configs of the best ones, a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lipbuild.diagnostics.dump_csv import dump_csv
from lipbuild.errors import RefusedError
from lipbuild.reporting.charts.drawing_file import write_drawing
from lipbuild.reporting.charts.sweep_chart import sweep_chart
from lipbuild.reporting.live.report_file import write_report
from lipbuild.sweeping.results import Sweep, SweepTrial
from lipbuild.sweeping.setting import Setting
from lipbuild.sweeping.trial_config import trial_config
from lipbuild.training.files import write_text
from lipbuild.training.run_folder import RunFolder


def write_outputs(sweep: Sweep, setting: Setting, pick: str | None, *, plots: bool) -> Sweep:
    """Write what is known of a sweep.

    `trials.csv` has a line for each trial. With one objective `best.yaml` is the config of the best trial; with
    several, `pareto/` has that of each trial that no other one is better than in all of them, and `best.yaml` is one
    of these if it is picked. The run folders of these trials, where they are on this machine, get their `report.html`.

    Args:
        sweep: The sweep.
        setting: Where its config comes from.
        pick: An objective, whose best trial is picked, or a trial's number.
        plots: Whether to draw.

    Raises:
        RefusedError: What is to be picked is not there.
        UnusableError: The folder cannot be written.
    """
    picked = pick_trial(sweep, pick)
    write_text(sweep.folder / "trials.csv", _table(sweep))
    configs = {}
    for old in (sweep.folder / "pareto").glob("trial-*.yaml"):
        old.unlink()
    if len(sweep.objectives) > 1:
        for number in sweep.best:
            configs[number] = sweep.folder / "pareto" / f"trial-{number:04}.yaml"
            _write_config(sweep, setting, number, configs[number])
    config = sweep.folder / "best.yaml" if picked is not None else None
    if picked is not None and config is not None:
        _write_config(sweep, setting, picked, config)
    for number in sorted({*sweep.best, *([] if picked is None else [picked])}):
        run = sweep.trial(number).run
        # What a run holds changes no more once its trial is complete, and what was evaluated since refreshes it.
        if run is not None and not RunFolder(run).report.is_file():
            write_report(RunFolder(run))
    if plots and any(trial.state == "complete" for trial in sweep.trials):
        _draw(sweep)
    return replace(sweep, configs=configs, picked=picked, config=config)


def pick_trial(sweep: Sweep, pick: str | None) -> int | None:
    """The trial whose config becomes `best.yaml`.

    Raises:
        RefusedError: There is no such objective, or no such complete trial.
    """
    complete = [trial for trial in sweep.trials if trial.state == "complete"]
    if pick is None:
        return sweep.best[0] if sweep.best and len(sweep.objectives) == 1 else None
    if pick in sweep.objectives:
        index = sweep.objectives.index(pick)
        sign = 1.0 if sweep.maximized[index] else -1.0
        # Of trials that are equally good the first one on the front.
        ranked = [trial for number in sweep.best for trial in complete if trial.number == number]
        return max(ranked, key=lambda trial: sign * trial.values[index]).number if ranked else None
    if pick.isdigit() and any(trial.number == int(pick) for trial in complete):
        return int(pick)
    names = ", ".join(f"`{name}`" for name in sweep.objectives)
    raise RefusedError(
        f"there is no complete trial `{pick}`", f"pick a trial by its number, or the best by {names}"
    )


def _write_config(sweep: Sweep, setting: Setting, number: int, path: Path) -> None:
    trial = sweep.trial(number)
    values = ", ".join(f"{label} {value:.6g}" for label, value in zip(sweep.objectives, trial.values))
    head = f"Trial {number} of the sweep {sweep.study}: {values} on the validation share."
    write_text(path, trial_config(setting, trial, path, head))


def _table(sweep: Sweep) -> str:
    paths = list(dict.fromkeys(path for trial in sweep.trials for path in trial.options))
    header = ["trial", "state", "best", *sweep.objectives, *paths, "seconds", "problem"]
    return dump_csv(header, (_row(sweep, trial, paths) for trial in sweep.trials))


def _row(sweep: Sweep, trial: SweepTrial, paths: Sequence[str]) -> list[object]:
    values: list[object] = list(trial.values) or [""] * len(sweep.objectives)
    tried = [trial.options.get(path, "") for path in paths]
    seconds = "" if trial.seconds is None else f"{trial.seconds:.3f}"
    is_best = int(trial.number in sweep.best)
    return [trial.number, trial.state, is_best, *values, *tried, seconds, trial.problem]


def _draw(sweep: Sweep) -> None:
    complete = [trial for trial in sweep.trials if trial.state == "complete"]
    drawing = sweep_chart(
        [trial.number for trial in complete],
        [trial.values for trial in complete],
        [trial.options for trial in complete],
        sweep.objectives,
        sweep.maximized,
        sweep.best,
    )
    write_drawing(sweep.folder, "sweep", drawing)
