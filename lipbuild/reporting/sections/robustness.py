from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.line_chart import line_chart
from lipbuild.reporting.charts.series import Series
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Facts, Figure, Missing, Part, Section, Table
from lipbuild.reporting.words import percent, plain, samples_of, up


def robustness(run: RunFiles) -> Section:
    """Certified and attacked accuracy against the radius; for a regression how far an output moves."""
    evaluation = run.evaluation
    title = "Robustness"
    if evaluation is None:
        missing = Missing("Certified and attacked accuracy have not been measured.", _command(run))
        return Section("robustness", title, [missing])
    parts = _movement(evaluation) if evaluation["task"] == "regression" else _accuracy(run, evaluation)
    parts += _columns(evaluation.get("columns", ()))
    parts += _tolerance(evaluation.get("tolerance"))
    if evaluation.get("attack") is None:
        parts.append(Missing("No attack was made.", _command(run, " --attack")))
    else:
        parts.append(_attack(evaluation["attack"]))
    return Section("robustness", title, parts, f"Radii are L2, in {evaluation['radius_unit']}.")


def _command(run: RunFiles, more: str = "") -> str:
    return f"lipbuild evaluate {run.folder.path}{more}" if run.has_ended else ""


def _accuracy(run: RunFiles, evaluation: dict[str, Any]) -> list[Part]:
    parts: list[Part] = []
    attack = evaluation.get("attack")
    chart = accuracy_chart(run, evaluation)
    if chart is not None:
        more = ""
        if attack is not None:
            more = (
                f" Of the {attack['samples']} attacked samples: what is certified, and what no attack has changed. The "
                "truth lies between the two."
            )
        parts.append(
            Figure(
                chart,
                f"Share of the {evaluation['samples']} {samples_of(evaluation)} that is right and certified.{more}",
            )
        )
    certified = {point["radius"]: point["accuracy"] for point in evaluation["certified_accuracy"]}
    single = {point["radius"]: point["accuracy"] for point in evaluation["float32"]["certified_accuracy"]}
    under = {row["radius"]: row for row in (attack or {}).get("accuracy", [])}
    rows = [("0 (clean)", percent(evaluation["accuracy"]), "", *_under(under.get(0.0)))]
    rows += [
        (
            f"{radius:g}",
            percent(certified.get(radius)),
            percent(single.get(radius)),
            *_under(under.get(radius)),
        )
        for radius in dict.fromkeys([*certified, *under])
        if radius > 0.0
    ]
    header = ("radius", "certified", "as served in float32", "attacked: certified", "attacked: unchanged")
    kept = header if attack is not None else header[:3]
    parts.append(Table(kept, [row[: len(kept)] for row in rows], "Accuracy at the stated radii."))
    return parts


def accuracy_chart(run: RunFiles, evaluation: dict[str, Any]) -> Drawing | None:
    """Accuracy against the radius, certified and under attack.

    Args:
        run: The run, with its samples.
        evaluation: What was measured of a classifier.

    Returns:
        The chart; None where nothing is certified and nothing was attacked.
    """
    attack = evaluation.get("attack")
    lines = []
    if evaluation["curve"]:
        points = tuple((point["radius"], point["accuracy"]) for point in evaluation["curve"])
        lines.append(Series("certified, all", points))
    if attack is not None and run.samples:
        lines += attacked_curves(run, attack["samples"])
    if not lines:
        return None
    label = "accuracy against the radius of a perturbation"
    return line_chart(lines, label, f"L2 radius ({evaluation['radius_unit']})", "accuracy", percent=True)


def _under(row: dict[str, Any] | None) -> tuple[str, str]:
    return ("", "") if row is None else (percent(row["certified"]), percent(row["attacked"]))


def attacked_curves(run: RunFiles, attacked: int) -> list[Series]:
    """Of the samples that were attacked, the share that is certified and that no attack has changed.

    Args:
        run: The run, with its samples.
        attacked: How many samples were attacked, those that are wrong anyway among them.
    """
    rows = [row for row in run.samples if row["attack_distance"] != ""]
    named = ((f"certified, of {attacked}", "radius", 2), (f"unchanged, of {attacked}", "attack_distance", 1))
    lines = []
    ends = [float(row[key]) for row in run.samples for _, key, _ in named if row[key] != ""]
    last = 1.02 * max((end for end in ends if math.isfinite(end)), default=1.0)
    for name, key, colour in named:
        values = sorted(float(row[key]) for row in rows if row[key] != "")
        if not values:
            continue
        points = [(0.0, len(values) / attacked)]
        points += [(v, (len(values) - i) / attacked) for i, v in enumerate(values, 1) if math.isfinite(v)]
        points.append((last, points[-1][1]))
        lines.append(Series(name, tuple(points), colour, dashed=colour == 2, steps=True))
    return lines


def _columns(columns: Sequence[dict[str, Any]]) -> list[Part]:
    rows = [
        (
            column["name"],
            "another value" if column["is_text"] else f"1 {column['unit'] or 'unit'}",
            up(column["moves_at_most"]),
            f"{column['moved']:.9f}",
            column["direction"] or "",
        )
        for column in columns
        # An older evaluation has fewer keys.
        if "moved" in column
    ]
    header = ("column", "moves by", "an output then moves by at most", "measured", "")
    caption = "How far one column alone moves an output: proved for all samples, and measured on some."
    return [Table(header, rows, caption, words=2, wide=True)] if rows else []


def _tolerance(tolerance: dict[str, Any] | None) -> list[Part]:
    if tolerance is None:
        return []
    moves = tolerance["output_moves_at_most"]
    within = ", ".join(f"{name} ± {size:g}" for name, size in tolerance["columns"].items())
    entries = [
        ("an output moves at most", ", ".join(up(bound) for bound in moves["box"]), f"within {within}")
    ]
    entries.append(("in the ellipsoid", up(moves["ellipsoid"]), "for ‖(x − x₀)/t‖ ≤ 1"))
    if "certified_accuracy" in tolerance:
        entries.append(
            ("right and certified", percent(tolerance["certified_accuracy"]), "within the tolerances")
        )
    held = ", ".join(tolerance["held_fixed"])
    if held:
        entries.append(("held fixed", held, ""))
    return [Facts(entries)]


def _movement(evaluation: dict[str, Any]) -> list[Part]:
    allowed = {row["radius"]: row["movement"] for row in evaluation["output_moves_at_most"]}
    attack = evaluation.get("attack") or {}
    found = {row["radius"]: row["movement"] for row in attack.get("output_moved", [])}
    lines = [
        Series(name, tuple(sorted(values.items())), colour, marks=True)
        for name, values, colour in (("at most", allowed, 0), ("attacks", found, 1))
        if values
    ]
    parts: list[Part] = []
    if lines:
        x = f"L2 radius ({evaluation['radius_unit']})"
        chart = line_chart(
            lines, "movement of an output against the radius", x, "movement of an output", zero=True
        )
        parts.append(
            Figure(chart, "How far an output moves at most, as proved, and how far attacks have moved one.")
        )
    rows = [
        (f"{r:g}", up(allowed[r]) if r in allowed else "", f"{found[r]:.9f}" if r in found else "")
        for r in dict.fromkeys([*allowed, *found])
    ]
    if rows:
        parts.append(
            Table(("radius", "moves at most", "moved by attacks"), rows, "Movement at the stated radii.")
        )
    return parts


def _attack(attack: dict[str, Any]) -> Facts:
    entries = [
        ("attack", "; ".join(attack["methods"]), f"{attack['samples']} samples, seed {attack['seed']}")
    ]
    if "found" in attack:
        entries.append(
            ("changed", f"{attack['found']} of {attack['samples']}", "those that are wrong anyway left out")
        )
    if attack.get("average_distance") is not None:
        entries.append(("mean distance of what was found", plain(attack["average_distance"]), ""))
    ratios = attack.get("distance_over_radius")
    if ratios:
        least, median = ratios["least"], ratios["median"]
        entries.append(("distance over certified radius", f"{least:.4f} least, {median:.4f} median", ""))
    return Facts(entries)
