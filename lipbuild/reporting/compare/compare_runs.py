from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from lipbuild.config.dump import dump_config
from lipbuild.reading.file import as_written
from lipbuild.reporting.compare.comparison import Comparison
from lipbuild.reporting.compare.config_changes import config_changes
from lipbuild.reporting.run_files import REMEDY, RunFiles
from lipbuild.reporting.words import percent, plain, samples_of, up


def compare_runs(paths: Sequence[Path]) -> Comparison:
    """Hold runs side by side.

    Args:
        paths: Their folders, two or more.

    Raises:
        RefusedError: This lipbuild refuses the config of a run.
        UnusableError: One is not a run folder, or has a file that is not what lipbuild writes.
    """
    runs = tuple(RunFiles.of(path) for path in paths)
    columns = []
    for run in runs:
        with as_written(run.folder.evaluation, REMEDY):
            columns.append(dict(_results(run)))
    results = [(name, *(column.get(name, "") for column in columns)) for name in _merged(columns)]
    changes = tuple(config_changes([_config(run) for run in runs]))
    return Comparison(runs, _names(runs), tuple(results), changes)


def _merged(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of all, in the order of the first, those of others after the key before them."""
    merged: list[str] = []
    for column in columns:
        place = 0
        for key in column:
            if key in merged:
                place = merged.index(key) + 1
            else:
                merged.insert(place, key)
                place += 1
    return merged


def _results(run: RunFiles) -> Iterator[tuple[str, str]]:
    graph = run.checked.graph
    yield "training", "ended" if run.has_ended else "has not ended"
    yield "parameters", f"{graph.parameters:,}"
    yield "epochs", str(len(run.metrics))
    if run.metrics:
        yield "last loss", plain(run.metrics[-1].get("loss"))
    evaluation = run.evaluation
    if evaluation is None:
        return
    if evaluation["lipschitz"]["proved"] is not None:
        yield "Lipschitz constant proved", up(evaluation["lipschitz"]["proved"])
    yield "measured on", f"{evaluation['samples']} {samples_of(evaluation)}"
    yield "radii in", evaluation["radius_unit"]
    if evaluation["task"] == "regression":
        yield "mean absolute error", plain(evaluation["mean_absolute_error"])
        yield "root mean squared error", plain(evaluation["root_mean_squared_error"])
        for row in evaluation["output_moves_at_most"]:
            yield f"output moves at most at {row['radius']:g}", up(row["movement"])
        return
    yield "accuracy", percent(evaluation["accuracy"])
    for point in evaluation["certified_accuracy"]:
        yield f"certified at {point['radius']:g}", percent(point["accuracy"])
    attack = evaluation.get("attack") or {}
    # Often some of the samples are attacked alone: what is certified of the same ones stands beside it.
    some = attack.get("samples", 0) < evaluation["samples"]
    of = f", of {attack['samples']}" if attack and some else ""
    for row in attack.get("accuracy", []):
        if row["radius"] > 0.0:
            if some:
                yield f"certified at {row['radius']:g}{of}", percent(row["certified"])
            yield f"unchanged by attacks at {row['radius']:g}{of}", percent(row["attacked"])
    yield "average certified radius", plain(evaluation["average_certified_radius"])


def _config(run: RunFiles) -> Any:
    """A run's config, every default filled in."""
    return yaml.safe_load(dump_config(run.checked.config, run.checked.graph))


def _names(runs: Sequence[RunFiles]) -> tuple[str, ...]:
    """The shortest ends of the paths that are all different."""
    parts = [run.folder.path.resolve().parts for run in runs]
    for length in range(1, max(map(len, parts)) + 1):
        names = tuple("/".join(part[-length:]) for part in parts)
        if len(set(names)) == len(names):
            return names
    return tuple(f"{run.name} ({i})" for i, run in enumerate(runs, 1))
