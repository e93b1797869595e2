"""The metrics of an epoch in words."""

from __future__ import annotations

from collections.abc import Mapping

from lipbuild.data.baseline import Baseline
from lipbuild.training.listeners.listener import Plan


def epoch_line(plan: Plan, row: Mapping[str, float], seconds: float) -> str:
    """One line: number, time, loss, and clean and certified accuracy (or the error) of the watched part."""
    width = len(str(plan.epochs))
    parts = [f"epoch {row['epoch']:>{width}}/{plan.epochs}", f"{seconds:.1f}s", f"loss {row['loss']:.4f}"]
    watched = {key.removeprefix("val_"): value for key, value in row.items() if key.startswith("val_")}
    if "accuracy" in watched:
        parts.append(f"{plan.watched} accuracy {watched['accuracy']:.1%}")
        certified = certified_at(watched)
        if certified:
            parts.append("certified " + ", ".join(f"{value:.1%} at {radius}" for radius, value in certified))
    elif "mean_absolute_error" in watched:
        parts.append(f"{plan.watched} mean absolute error {watched['mean_absolute_error']:.4f}")
    return "  ".join(parts)


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
