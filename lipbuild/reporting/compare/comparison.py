from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lipbuild.outputs.shown import Shown
from lipbuild.reporting.charts.line_chart import line_chart
from lipbuild.reporting.charts.series import Point, Series
from lipbuild.reporting.page.render import render
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Figure, Listing, Missing, Part, Section, Table

# A name beside a line has room for so many letters; the whole names stand in the first table.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Row = tuple[str, ...]


@dataclass(frozen=True)
class Comparison(Shown):
    """Runs side by side.

    Attributes:
        runs: Their files.
        names: What they are called: their folders, as much of the path as tells them apart.
        results: One row a figure: its name, and its value in each run; empty where a run does not have it.
        changes: One row a key of the config that is not the same in all runs: the key, and its value in each.
    """

    runs: tuple[RunFiles, ...]
    names: tuple[str, ...]
    results: tuple[Row, ...]
    changes: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild compare --format json` prints it."""
        return {
            "runs": [
                {
                    "name": name,
                    "path": str(run.folder.path),
                    "has_ended": run.has_ended,
                    "parameters": run.checked.graph.parameters,
                    "epochs": len(run.metrics),
                    "last_epoch": dict(run.metrics[-1]) if run.metrics else None,
                    "evaluation": run.evaluation,
                }
                for name, run in zip(self.names, self.runs)
            ],
            "changes": [{"key": key, "values": values} for key, *values in self.changes],
        }

    def html(self) -> str:
        """The comparison as a page: the curves overlaid, the figures and the configs side by side."""
        letters = [_letter(i) for i in range(len(self.runs))]
        overlaid = f"{letters[0]}, {letters[1]}…: the runs above."
        sections = [
            Section("results", "Results", [_results(self, letters)]),
            Section("curves", "Curves", _curves(self, letters), overlaid),
            Section("changes", "Configs", _changes(self, letters)),
        ]
        return render(f"{len(letters)} runs compared", ", ".join(self.names), sections)


def _letter(i: int) -> str:
    return _LETTERS[i] if i < len(_LETTERS) else str(i + 1)


def _header(comparison: Comparison, letters: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{letter}: {name}" for letter, name in zip(letters, comparison.names))


def _results(comparison: Comparison, letters: Sequence[str]) -> Table:
    return Table(
        ("", *_header(comparison, letters)), comparison.results, "What each run has of itself.", wide=True
    )


def _changes(comparison: Comparison, letters: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    if comparison.changes:
        caption = "The keys with different values, with every default filled in."
        parts.append(Table(("key", *letters), comparison.changes, caption, words=1 + len(letters), wide=True))
    else:
        parts.append(Missing("The configs are the same."))
    for letter, name, run in zip(letters, comparison.names, comparison.runs):
        parts.append(Listing(f"{letter}: {name}, as it was written", run.written or run.resolved))
    return parts


def _curves(comparison: Comparison, letters: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    certified: list[tuple[Point, ...]] = []
    for run in comparison.runs:
        curve = (run.evaluation or {}).get("curve") or []
        certified.append(tuple((point["radius"], point["accuracy"]) for point in curve))
    there = [run.evaluation for run, curve in zip(comparison.runs, certified) if curve]
    units = {evaluation["radius_unit"] for evaluation in there if evaluation}
    if len(units) == 1:
        label = "certified accuracy of each run against the radius"
        lines = _lines(letters, certified)
        chart = line_chart(lines, label, f"L2 radius ({units.pop()})", "certified accuracy", percent=True)
        parts.append(Figure(chart, "Certified accuracy of the test samples."))
    elif units:
        parts.append(
            Missing("Certified accuracies are not overlaid: the radii of these runs have different units.")
        )
    else:
        parts.append(
            Missing("No run has certified accuracies.", f"lipbuild evaluate {comparison.runs[0].folder.path}")
        )
    names = dict.fromkeys(key for run in comparison.runs for row in run.metrics[:1] for key in row)
    for name in sorted(names, key=lambda n: (n.removeprefix("val_") != "loss", "accuracy" not in n)):
        if name == "epoch":
            continue
        found = [
            tuple(
                (row["epoch"], row[name]) for row in run.metrics if name in row and row[name] - row[name] == 0
            )
            for run in comparison.runs
        ]
        if any(found):
            words = (
                name.replace("val_", "watched ")
                .replace("certified_", "certified accuracy at ")
                .replace("_", " ")
            )
            share = "accuracy" in name or "certified" in name
            lines = _lines(letters, found)
            chart = line_chart(lines, f"{words} of each run", "epoch", words, epochs=True, percent=share)
            parts.append(Figure(chart, f"{words[0].upper()}{words[1:]} at each epoch."))
    return parts


def _lines(letters: Sequence[str], curves: Sequence[tuple[Point, ...]]) -> list[Series]:
    return [
        Series(letter, curve, i, dashed=i % 2 == 1, marks=len(curve) <= 2)
        for i, (letter, curve) in enumerate(zip(letters, curves))
        if curve
    ]
