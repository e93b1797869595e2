from __future__ import annotations

from lipbuild.reporting.charts.confusion_map import confusion_map
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Figure, Missing, Part, Section, Table
from lipbuild.reporting.words import percent, plain

# A map of more classes would show nothing.
_CLASSES = 100
_WORST = 15


def confusion(run: RunFiles) -> Section:
    """Which classes are taken for which, and how each class fares."""
    title = "Classes and confusions"
    evaluation = run.evaluation
    if evaluation is None:
        command = f"lipbuild evaluate {run.folder.path}" if run.has_ended else ""
        return Section("confusion", title, [Missing("The confusion matrix has not been measured.", command)])
    if evaluation["task"] == "regression":
        return Section("confusion", title, [Missing("A regression has no classes.")])
    names, counts = evaluation["confusion"]["classes"], evaluation["confusion"]["counts"]
    parts: list[Part] = []
    if len(names) <= _CLASSES:
        caption = "Rows are classes, columns predictions; the tint grows with the share of the row."
        parts.append(Figure(confusion_map(names, counts), caption))
    wrong = [
        (c, names[i], names[j]) for i, row in enumerate(counts) for j, c in enumerate(row) if i != j and c
    ]
    wrong.sort(reverse=True, key=lambda entry: entry[0])
    if wrong:
        rows = [(name, taken, str(count)) for count, name, taken in wrong[:_WORST]]
        parts.append(Table(("class", "taken for", "samples"), rows, "The most frequent confusions.", words=2))
    classes = evaluation["classes"]
    if classes:
        radii = [point["radius"] for point in classes[0]["certified_accuracy"]]
        rows_of_classes = [
            (
                part["name"],
                str(part["samples"]),
                percent(part["accuracy"]),
                *(percent(point["accuracy"]) for point in part["certified_accuracy"]),
                plain(part["average_certified_radius"]),
            )
            for part in classes
        ]
        header = ("class", "samples", "accuracy", *(f"certified at {r:g}" for r in radii), "average radius")
        parts.append(Table(header, rows_of_classes, "Each class."))
    return Section("confusion", title, parts)
