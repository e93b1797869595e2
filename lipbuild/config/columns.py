"""The names of what is measured after each epoch: the columns of a run's `metrics.csv`."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.config.choices import MetricSpec, Task


def certified_column(radius: float) -> str:
    """The certified accuracy at a radius."""
    return f"certified_{radius:g}"


def epoch_columns(names: Sequence[str]) -> list[str]:
    """What is measured of the training, of the watched part, and the learning rate.

    Args:
        names: The loss and the metrics.
    """
    return [*names, *(f"val_{name}" for name in names), "learning_rate"]


def columns(task: Task, metrics: Sequence[MetricSpec], radii: Sequence[float]) -> list[str]:
    """All columns of a training's metrics, as far as a config says them.

    Args:
        task: What the network learns.
        metrics: Those that the config adds.
        radii: Those at which certified accuracy is measured.
    """
    if task == "regression":
        shown = ["mean_absolute_error"]
    else:
        shown = ["accuracy", *(certified_column(radius) for radius in radii)]
    more = [metric.column for metric in metrics]
    return epoch_columns(list(dict.fromkeys(["loss", *shown, *more])))
