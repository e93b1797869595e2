from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from lipbuild.build.model import build_model
from lipbuild.data.dataset import Dataset
from lipbuild.spec.config import Config
from lipbuild.spec.graph import Graph
from lipbuild.spec.sections import Precision, TrainSection
from lipbuild.training.compile import keras_loss, keras_metrics, keras_optimizer
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.measured_model import MeasuredModel
from lipbuild.training.precision import dtype_policy
from lipbuild.training.settle import constraint_state
from lipbuild.training.steps import Steps
from lipbuild.training.weight_average import WeightAverage


@dataclass(frozen=True)
class Job:
    """A config that can be trained, with its data.

    Attributes:
        config: The config.
        graph: Its graph.
        section: What it says of the training.
        dataset: Its data.
        steps: The number of steps of an epoch.
    """

    config: Config
    graph: Graph
    section: TrainSection
    dataset: Dataset
    steps: int


@dataclass(frozen=True)
class Assembly:
    """What a training is made of.

    Attributes:
        steps: Its compiled steps.
        measured: The model that is measured and saved.
        average: The average of its weights, if any.
        tracked: All its variables by group: what a checkpoint holds.
    """

    steps: Steps
    measured: MeasuredModel
    average: WeightAverage | None
    tracked: Mapping[str, Sequence[Any]]

    @property
    def columns(self) -> list[str]:
        """The names of the metrics of an epoch, `val_` before those of the watched part."""
        names = [metric.name for metric in self.steps.metrics]
        return [*names, *(f"val_{name}" for name in names), "learning_rate"]


def assemble(job: Job, distribution: Distribution) -> Assembly:
    """Build the model, its loss, optimiser and metrics, each where it belongs in a distributed training."""
    config, graph, section = job.config, job.graph, job.section

    def build(precision: Precision) -> keras.Model:
        with distribution.strategy.scope(), dtype_policy(precision):
            return build_model(graph, config.name)

    model = build(section.precision)
    with distribution.strategy.scope():
        optimizer = keras_optimizer(section.optimizer, job.steps, section.epochs, section.precision)
        optimizer.build(model.trainable_variables)
        loss = keras_loss(section.loss)
    # Outside of the scope: every process measures whole batches by itself.
    metrics = keras_metrics(section.loss.task, graph.bound, config.certify.radii, section.metrics)
    average = None if section.average is None else WeightAverage(model, section.average, section.epochs)
    measured = MeasuredModel(
        model,
        lambda: build("float32"),
        average,
        distribution,
        always=section.precision != "float32",
    )
    steps = Steps(model, loss, optimizer, metrics, distribution, average)
    tracked = {
        "model": list(model.variables),
        "constraints": constraint_state(model),
        "optimizer": list(optimizer.variables),
        "average": average.variables if average is not None else [],
        "metrics": steps.metric_variables,
    }
    return Assembly(steps, measured, average, tracked)
