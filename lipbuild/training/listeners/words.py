"""The metrics of an epoch in words."""

from __future__ import annotations

from collections.abc import Mapping

from lipbuild.data.baseline import Baseline
from lipbuild.training.listeners.listener import Plan


def epoch_line(plan: Plan, row: Mapping[str, float], seconds: float) -> str:
    """One line: number, time, loss, and clean and certified accuracy (or the error) of the watched part."""
    width = len(str(plan.epochs))
    parts = [f"epoch {row['epoch']:>{width}}/{plan.epochs}", f"{seconds:.1f}s", f"loss {row['loss']:.4f}"]
    watched = _watched(row)
    if "accuracy" in watched:
        parts.append(f"{plan.watched} accuracy {watched['accuracy']:.1%}")
        certified = certified_at(watched)
        if certified:
            parts.append("certified " + ", ".join(f"{value:.1%} at {radius}" for radius, value in certified))
    elif "mean_absolute_error" in watched:
        parts.append(f"{plan.watched} mean absolute error {watched['mean_absolute_error']:.4f}")
    return "  ".join(parts)


def epoch_header(plan: Plan, row: Mapping[str, float], width: int) -> list[str]:
    """Two lines above those of `epoch_row`: the names of the columns, and the radii that fit the width."""
    metrics = _watched(row)
    head = f"{'epoch':>{_digits(plan)}}  {'time':>7}  {'loss':>10}"
    if "accuracy" not in metrics:
        error = f"  {plan.watched} mean absolute error" if "mean_absolute_error" in metrics else ""
        return [head + error]
    radii = [radius for radius, _ in certified_at(metrics)][: _fitting(plan, width)]
    above = f"{'':>{len(head)}}  {plan.watched:>10}"
    below = f"{head}  {'accuracy':>10}"
    if radii:
        above += "  certified within the radius"
        below += "".join(f"  {radius:>6}" for radius in radii)
    return [above, below]


def epoch_row(plan: Plan, row: Mapping[str, float], seconds: float, width: int) -> str:
    """One line of the table: number, time, loss, and clean and certified accuracy (or the error)."""
    number = f"{row['epoch']}/{plan.epochs}"
    line = f"{number:>{_digits(plan)}}  {f'{seconds:.1f} s':>7}  {row['loss']:>10.4f}"
    metrics = _watched(row)
    if "accuracy" in metrics:
        line += f"  {metrics['accuracy']:>10.1%}"
        line += "".join(f"  {value:>6.1%}" for _, value in certified_at(metrics)[: _fitting(plan, width)])
    elif "mean_absolute_error" in metrics:
        line += f"  {metrics['mean_absolute_error']:.4f}"
    return line


def _digits(plan: Plan) -> int:
    """The width of `30/30`, or of the name above it."""
    return max(2 * len(str(plan.epochs)) + 1, len("epoch"))


def _fitting(plan: Plan, width: int) -> int:
    """How many radii fit beside the other columns; `metrics.csv` has all of them."""
    return max((width - _digits(plan) - 33) // 8, 1)


def _watched(row: Mapping[str, float]) -> dict[str, float]:
    return {key.removeprefix("val_"): value for key, value in row.items() if key.startswith("val_")}


def baseline_line(plan: Plan, baseline: Baseline) -> str:
    """One line: what a constant answer reaches, and the network, on the watched part."""
    if baseline.accuracy is not None:
        reached = f"{baseline.accuracy:.1%} by always answering"
        return f"{plan.watched} accuracy {baseline.reached:.1%}, and {reached} {baseline.shown_answer}"
    squared = f" (R² {baseline.r_squared:.3f})" if baseline.r_squared is not None else ""
    error = f"{plan.watched} mean absolute error {baseline.reached:.4g}{squared}"
    return f"{error}, and {baseline.error:.4g} by always answering {baseline.shown_answer}"


def certified_at(metrics: Mapping[str, float]) -> list[tuple[str, float]]:
    """The radii as texts, and the certified accuracy at each."""
    prefix = "certified_"
    return [(key.removeprefix(prefix), value) for key, value in metrics.items() if key.startswith(prefix)]
