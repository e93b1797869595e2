from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipbuild.reporting.charts.line_chart import line_chart
from lipbuild.reporting.charts.series import COLOURS, Series
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Figure, Missing, Part, Section, Table
from lipbuild.reporting.words import plain

_CERTIFIED = "certified_"


def training(run: RunFiles) -> Section:
    """The metrics of each epoch: a chart a metric, of what was learnt from and of what was watched."""
    rows = run.metrics
    if not rows:
        return Section("training", "Training", [Missing("No epoch has ended yet.")])
    config = run.checked.config
    watched = "validation" if config.data is not None and config.data.validation > 0 else "test"
    parts: list[Part] = []
    names = list(dict.fromkeys(name.removeprefix("val_") for name in rows[0] if name != "epoch"))
    for name in sorted(names, key=_place):
        if name.startswith(_CERTIFIED):
            continue
        lines = [
            Series(shown, points, i, dashed=i == 1, marks=len(points) <= 2)
            for i, (shown, key) in enumerate((("training", name), (watched, f"val_{name}")))
            if (points := _points(rows, key))
        ]
        if not lines:
            continue
        if f"val_{name}" not in rows[0]:
            # A rate or a parameter, which is measured on nothing.
            lines = [Series("", lines[0].points, 0)]
        parts.append(_figure(name, lines))
        if name == "accuracy":
            parts += _certified(rows, names, watched)
    parts.append(
        _table(rows, [key for name in sorted(names, key=_place) for key in (name, f"val_{name}")], watched)
    )
    return Section("training", "Training", parts)


def _place(name: str) -> tuple[int, str]:
    order = ("loss", "accuracy", "certified", "mean_absolute_error", "learning_rate")
    return next((i for i, start in enumerate(order) if name.startswith(start)), len(order)), name


def _points(rows: Sequence[Mapping[str, float]], key: str) -> tuple[tuple[float, float], ...]:
    return tuple(
        (row["epoch"], row[key]) for row in rows if key in row and row[key] - row[key] == 0 and "epoch" in row
    )


def _figure(name: str, lines: Sequence[Series]) -> Figure:
    words = name.replace("_", " ")
    share = name == "accuracy" or name.endswith("_accuracy")
    chart = line_chart(
        lines,
        f"{words} at each epoch",
        "epoch",
        words,
        epochs=True,
        percent=share,
        zero=name in ("loss", "learning_rate"),
    )
    return Figure(chart, f"{words[0].upper()}{words[1:]} at each epoch.")


def _certified(rows: Sequence[Mapping[str, float]], names: Sequence[str], watched: str) -> list[Part]:
    radii = sorted(
        (name.removeprefix(_CERTIFIED) for name in names if name.startswith(_CERTIFIED)), key=float
    )
    lines = [
        Series(f"at {radius}", points, i % COLOURS, marks=len(points) <= 2)
        for i, radius in enumerate(radii)
        if (points := _points(rows, f"val_{_CERTIFIED}{radius}"))
    ]
    if not lines:
        return []
    label = f"certified accuracy of the {watched} share at each epoch"
    chart = line_chart(lines, label, "epoch", "certified accuracy", epochs=True, percent=True)
    return [
        Figure(
            chart,
            f"Certified accuracy of the {watched} share at each epoch, by the constant that is promised.",
        )
    ]


def _table(rows: Sequence[Mapping[str, float]], keys: Sequence[str], watched: str) -> Table:
    cells = []
    for key in keys:
        values = [row[key] for row in rows if key in row]
        if values:
            shown = (
                f"{key.removeprefix('val_').replace('_', ' ')}, {watched}" if key.startswith("val_") else key
            )
            best = min(values) if "loss" in key or "error" in key else max(values)
            is_measured = key.startswith("val_") or f"val_{key}" in rows[0]
            best_text = plain(best, 5) if is_measured else ""
            cells.append((shown.replace("_", " "), plain(values[0], 5), best_text, plain(values[-1], 5)))
    return Table(("metric", "first", "best", "last"), cells, "The metrics: first, best and last epoch.")
