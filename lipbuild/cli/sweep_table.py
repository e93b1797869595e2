from __future__ import annotations

from collections import Counter

from lipbuild.cli.text_table import text_table
from lipbuild.sweeping.results import Sweep, SweepTrial
from lipbuild.sweeping.short import short_names, short_value

# So many trials are shown; `trials.csv` has all of them.
_SHOWN = 20


def sweep_table(sweep: Sweep) -> str:
    """The trials of a sweep, the best ones first, and what is to be said of the others."""
    complete = [trial for trial in sweep.trials if trial.state == "complete"]
    order = {number: place for place, number in enumerate(sweep.best)}
    sign = -1.0 if sweep.maximized[0] else 1.0
    complete.sort(
        key=lambda trial: (order.get(trial.number, len(order)), sign * trial.values[0], trial.number)
    )
    paths = list(dict.fromkeys(path for trial in complete for path in trial.options))
    several = len(sweep.objectives) > 1
    mark = "Pareto" if several else "best"
    rows = [_row(sweep, trial, paths, mark) for trial in complete[:_SHOWN]]
    header = ("trial", "", *sweep.objectives, *short_names(paths))
    parts = [text_table(header, rows, words=2)] if rows else []
    if len(complete) > _SHOWN:
        parts.append(f"and {len(complete) - _SHOWN} more in {sweep.folder / 'trials.csv'}")
    counted = Counter(trial.state for trial in sweep.trials)
    words = {"pruned": "given up early"}
    said = ", ".join(f"{count} {words.get(state, state)}" for state, count in counted.items())
    parts.append(
        f"{len(sweep.trials)} trial{'s' if len(sweep.trials) > 1 else ''}: {said}"
        if sweep.trials
        else "no trial has begun"
    )
    parts += [f"trial {t.number} failed: {t.problem}" for t in sweep.trials if t.state == "failed"][:3]
    return "\n\n".join(parts[:1]) + ("\n" if rows else "") + "".join(f"\n{part}" for part in parts[1:])


def _row(sweep: Sweep, trial: SweepTrial, paths: list[str], mark: str) -> tuple[str, ...]:
    values = (f"{value:.6g}" for value in trial.values)
    tried = (short_value(trial.options.get(path, "")) for path in paths)
    return (str(trial.number), mark if trial.number in sweep.best else "", *values, *tried)
