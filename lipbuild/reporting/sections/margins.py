from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.histogram import histogram
from lipbuild.reporting.charts.line_chart import line_chart
from lipbuild.reporting.charts.series import Series
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Facts, Figure, Missing, Part, Section
from lipbuild.reporting.words import percent, plain


def margins(run: RunFiles) -> Section:
    """How margins and certified radii are spread, and what a margin says about being right."""
    title = "Margins and radii"
    evaluation = run.evaluation
    if evaluation is not None and evaluation["task"] == "regression":
        return Section("margins", title, [Missing("A regression has no margins.")])
    if evaluation is None or not run.samples:
        command = f"lipbuild evaluate {run.folder.path}" if run.has_ended else ""
        return Section("margins", title, [Missing("Margins and radii have not been measured.", command)])
    parts: list[Part] = []
    chart = _histogram(run, "margin", "margin", "units of the logits")
    what = "The margin of each test sample, right and wrong predictions."
    parts.append(Figure(chart, what) if chart is not None else Missing("No margin."))
    chart = radius_histogram(run, evaluation)
    what = "The certified L2 radius of each test sample, right and wrong predictions."
    if chart is None:
        parts.append(Missing("No certified L2 radius is stated: nothing is certified."))
    else:
        where = " Lines: the stated radii." if evaluation["certified_accuracy"] else ""
        parts.append(Figure(chart, what + where))
    calibration = evaluation.get("calibration")
    if calibration:
        points = tuple(
            ((b["margin"][0] + b["margin"][1]) / 2, b["accuracy"])
            for b in calibration["bins"]
            if math.isfinite(b["margin"][0] + b["margin"][1])
        )
        if points:
            line = Series("accuracy", points, marks=True)
            chart = line_chart(
                [line], "accuracy by margin", "margin (units of the logits)", "accuracy", percent=True
            )
            parts.append(Figure(chart, "Accuracy of ten equal shares of the samples by their margins."))
        parts.append(
            Facts(
                [
                    (
                        "AUROC",
                        plain(calibration["auroc"]) or "none",
                        "how often a right sample has the larger margin",
                    ),
                    (
                        "scale β of softmax(β·z)",
                        plain(calibration["scale"]),
                        "fitted on halves of the test samples",
                    ),
                    ("expected calibration error", percent(calibration["expected_calibration_error"]), ""),
                ]
            )
        )
    return Section("margins", title, parts)


def radius_histogram(run: RunFiles, evaluation: dict[str, Any]) -> Drawing | None:
    """How often each certified radius occurs; None where nothing is certified.

    Args:
        run: The run, with its samples.
        evaluation: What was measured of a classifier.
    """
    marks = [point["radius"] for point in evaluation["certified_accuracy"]]
    return _histogram(run, "radius", "certified L2 radius", evaluation["radius_unit"], marks)


def _histogram(run: RunFiles, key: str, name: str, unit: str, marks: Sequence[float] = ()) -> Drawing | None:
    right, wrong = _parted(run, key)
    if not right and not wrong:
        return None
    return histogram(right, wrong, f"histogram of the {name}", f"{name} ({unit})", marks=marks)


def _parted(run: RunFiles, key: str) -> tuple[list[float], list[float]]:
    """The finite values of right and of wrong predictions."""
    parts: tuple[list[float], list[float]] = ([], [])
    for row in run.samples:
        if row[key] != "" and math.isfinite(value := float(row[key])) and value < 1e300:
            parts[row["label"] != row["predicted"]].append(value)
    return parts
