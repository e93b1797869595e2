from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from lipbuild.building.model import build_model
from lipbuild.config.columns import epoch_columns
from lipbuild.config.config import Config
from lipbuild.config.sections import Precision, TrainSection
from lipbuild.data.config_data import require_sections
from lipbuild.data.dataset import Dataset
from lipbuild.network.graph import Graph
from lipbuild.training.compile import keras_loss, keras_metrics, keras_optimizer
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.feeds.choose import choose_feed
from lipbuild.training.loss_schedules import LossSchedules
from lipbuild.training.measured_model import MeasuredModel
from lipbuild.training.precision import dtype_policy
from lipbuild.training.settle import constraint_state
from lipbuild.training.steps import Steps
from lipbuild.training.variables import learnt_variables, variables_in
from lipbuild.training.weight_average import WeightAverage

_LEAST_MEASURED = 1024


@dataclass(frozen=True)
class Job:
    """A config that can be trained, with its data.

    Attributes:
        config: The config.
        graph: Its graph.
        section: What it says of the training.
        dataset: Its data.
        steps: The number of steps of an epoch.
        watched_steps: The number of batches that are measured after it.
    """

    config: Config
    graph: Graph
    section: TrainSection
    dataset: Dataset
    steps: int
    watched_steps: int

    @property
    def measured_at_once(self) -> int:
        """The number of samples of a batch that is measured."""
        return measured_at_once(self.section)


def make_job(config: Config, graph: Graph, dataset: Dataset, most_steps: int | None = None) -> Job:
    """What is trained.

    Args:
        config: The config.
        graph: Its graph.
        dataset: Its data.
        most_steps: The most steps of an epoch, and the most batches that are measured; all where left out.
    """
    _, section = require_sections(config)
    steps = dataset.train.steps(section.batch_size)
    watched = dataset.watched.steps(measured_at_once(section))
    if most_steps is not None:
        steps, watched = min(steps, most_steps), min(watched, most_steps)
    return Job(config, graph, section, dataset, steps, watched)


def measured_at_once(section: TrainSection) -> int:
    """The number of samples of a batch that is measured."""
    return max(section.batch_size, _LEAST_MEASURED)


@dataclass(frozen=True)
class Assembly:
    """What a training is made of.

    Attributes:
        steps: Its compiled steps.
        measured: The model that is measured and saved.
        average: The average of its weights, if any.
        schedules: The parameters of its loss that change over the steps.
        tracked: All its variables by group: what a checkpoint holds.
    """

    steps: Steps
    measured: MeasuredModel
    average: WeightAverage | None
    schedules: LossSchedules
    tracked: Mapping[str, Sequence[Any]]

    @property
    def columns(self) -> list[str]:
        """The names of what is known after an epoch, `val_` before the metrics of the watched part."""
        return epoch_columns(self.steps.meters.names, self.schedules.names)


def assemble(job: Job, distribution: Distribution) -> Assembly:
    """Build the model, its loss, optimiser and metrics, each where it belongs in a distributed training."""
    config, graph, section = job.config, job.graph, job.section

    def build(precision: Precision) -> keras.Model:
        with distribution.strategy.scope(), dtype_policy(precision):
            return build_model(graph, config.name)

    model = build(section.precision)
    with distribution.strategy.scope():
        optimizer = keras_optimizer(section.optimizer, job.steps, section.epochs, section.precision)
        loss = keras_loss(section.loss, graph, model, job.steps, section.epochs)
        optimizer.build(learnt_variables(model, loss))
    # Outside of the scope: every process measures whole batches by itself.
    metrics = keras_metrics(
        section.loss.task,
        graph.bound,
        config.certify.radii,
        section.metrics,
        classifies=section.loss.classifies,
    )
    average = None if section.average is None else WeightAverage(model, section.average, section.epochs)
    measured = MeasuredModel(
        model,
        lambda: build("float32"),
        average,
        distribution,
        always=section.precision != "float32",
    )
    with distribution.strategy.scope():
        measured_loss = keras_loss(section.loss, graph, measured.model, job.steps, section.epochs)
    train = choose_feed(job.dataset.train, section.batch_size, section.epochs, distribution, config.seed)
    watched = choose_feed(job.dataset.watched, job.measured_at_once, section.epochs, distribution)
    losses = loss, measured_loss
    steps = Steps(model, losses, optimizer, metrics, train, watched, distribution, average)
    tracked = {
        "model": list(model.variables),
        "constraints": constraint_state(model),
        "optimizer": list(optimizer.variables),
        "average": average.variables if average is not None else [],
        "loss": variables_in(loss),
        "metrics": steps.meters.variables,
    }
    schedules = LossSchedules(section.loss, graph, loss, job.steps, section.epochs)
    return Assembly(steps, measured, average, schedules, tracked)
