from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipbuild.config.sections import TrainSection
from lipbuild.training.listeners.json_lines import JsonLines
from lipbuild.training.listeners.listener import Listener
from lipbuild.training.listeners.log_file import LogFile
from lipbuild.training.listeners.metrics_file import MetricsFile
from lipbuild.training.listeners.spectra_file import SpectraFile
from lipbuild.training.options import TrainOptions


def choose_listeners(
    section: TrainSection, options: TrainOptions, rows: Sequence[Mapping[str, float]]
) -> list[Listener]:
    """The listeners of a training in the process that writes.

    Args:
        section: What the config asks for.
        options: What the command asks for.
        rows: The epochs that there have been before.
    """
    listeners: list[Listener] = [MetricsFile(rows), SpectraFile(), LogFile()]
    if section.tensorboard or options.tensorboard:
        from lipbuild.training.listeners.tensor_board import TensorBoard

        listeners.append(TensorBoard())
    if section.mlflow or options.mlflow:
        from lipbuild.training.listeners.ml_flow import MLflow

        listeners.append(MLflow())
    if options.quiet:
        return listeners
    if options.log_format == "json":
        listeners.append(JsonLines())
    else:
        from lipbuild.training.listeners.progress import Progress

        listeners.append(Progress())
    return listeners
