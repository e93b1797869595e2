"""The names of what is measured after each epoch: the columns of a run's `metrics.csv`."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.config.choices import LossSpec, MetricSpec


def certified_column(radius: float) -> str:
    """The certified accuracy at a radius."""
    return f"certified_{radius:g}"


def epoch_columns(names: Sequence[str], parameters: Sequence[str] = ()) -> list[str]:
    """What is measured of the training, of the watched part, the learning rate and what else changes.

    Args:
        names: The loss and the metrics.
        parameters: The parameters of the loss that have a schedule.
    """
    return [*names, *(f"val_{name}" for name in names), "learning_rate", *parameters]


def columns(loss: LossSpec, metrics: Sequence[MetricSpec], radii: Sequence[float]) -> list[str]:
    """All columns of a training's metrics, as far as a config says them.

    Args:
        loss: What the network is trained by.
        metrics: Those that the config adds.
        radii: Those at which certified accuracy is measured.
    """
    if not loss.classifies:
        shown = ["KR"]
    elif loss.task == "regression":
        shown = ["mean_absolute_error"]
    else:
        shown = ["accuracy", *(certified_column(radius) for radius in radii)]
    more = [metric.column for metric in metrics]
    names = list(dict.fromkeys(["loss", *shown, *more]))
    return epoch_columns(names, list(loss.for_constant(1.0).driven(1.0)))
