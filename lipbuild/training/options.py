from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lipbuild.training.distribution.cluster import Cluster

LogFormat = Literal["text", "json"]


@dataclass(frozen=True)
class TrainOptions:
    """The options of one training in addition to its config.

    Attributes:
        output: The folder in which the run folder is made.
        folder: The run folder itself, in place of a new one in `output`. A training in it is resumed.
        resume: Whether that folder must hold one.
        quiet: Whether no progress is shown.
        log_format: Progress as text or as JSON lines.
        tensorboard: Whether TensorBoard files are written, whatever the config says.
        mlflow: Whether MLflow records it, whatever the config says.
        profile: Whether some steps are profiled.
        cluster: The processes of the training and the place of this one; those of TF_CONFIG where left out.
        most_steps: The most steps of an epoch; all where left out.
        known_only: Whether a training that goes on leaves out samples that it did not begin with.
    """

    output: Path = Path("runs")
    folder: Path | None = None
    resume: bool = False
    quiet: bool = False
    log_format: LogFormat = "text"
    tensorboard: bool = False
    mlflow: bool = False
    profile: bool = False
    cluster: Cluster | None = None
    most_steps: int | None = None
    known_only: bool = False
