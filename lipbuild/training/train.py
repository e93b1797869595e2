"""The training of a config: data, model, fit, run folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from lipbuild.build.model import build_model
from lipbuild.callbacks import CondenseCallback
from lipbuild.data.config_data import require_sections
from lipbuild.data.dataset import Dataset
from lipbuild.data.prepare import prepare
from lipbuild.data.read_errors import read_errors
from lipbuild.errors import RefusedError
from lipbuild.rules.check import Checked
from lipbuild.spec.config import Config
from lipbuild.spec.dump import dump_config
from lipbuild.spec.graph import Graph
from lipbuild.spec.sections import DataSection, TrainSection
from lipbuild.training.compile import keras_loss, keras_metrics, keras_optimizer
from lipbuild.training.environment import describe_environment
from lipbuild.training.files import write_json, write_text, write_whole
from lipbuild.training.history import History
from lipbuild.training.progress import Progress
from lipbuild.training.run_folder import RunFolder, create_run_folder
from lipbuild.training.run_html import run_html
from lipbuild.training.seeds import set_seeds
from lipbuild.training.stop_at_nan import StopAtNan


@dataclass(frozen=True)
class Run:
    """A training that has ended.

    Attributes:
        folder: Its folder.
        model: The trained Keras model.
        history: The metrics of each epoch.
    """

    folder: RunFolder
    model: keras.Model
    history: Sequence[dict[str, float]]

    def _repr_html_(self) -> str:
        """The training as a notebook shows it."""
        return run_html(str(self.folder.path), self.history)


@dataclass(frozen=True)
class _Job:
    """A config that can be trained: every part of it is there."""

    config: Config
    graph: Graph
    data: DataSection
    train: TrainSection


def train(checked: Checked, output: Path = Path("runs"), *, quiet: bool = False) -> Run:
    """Train the network of a config that has been checked, and write its run folder.

    The data is loaded and every part built before the folder is made, so a config that cannot be trained
    leaves nothing behind.

    Args:
        checked: The config.
        output: Where the run folder goes.
        quiet: Whether no progress is shown.

    Raises:
        RefusedError: The config has errors, the data does not fit, or the loss became NaN.
        UnusableError: A file is missing, or the folder cannot be written.
    """
    if not checked.ok or checked.config is None or checked.graph is None:
        raise RefusedError(f"{checked.source.name}: the config has errors", "`lipbuild check` shows them")
    prepared = prepare(checked.config, checked.graph)
    job, dataset = _job(prepared.config, prepared.graph), prepared.dataset
    config, graph, section = job.config, job.graph, job.train
    for key, only in (("precision", "float32"), ("strategy", "auto")):
        if getattr(section, key) != only:
            raise RefusedError(
                f"`train.{key}: {getattr(section, key)}` cannot be trained yet", f"use `{only}`"
            )
    set_seeds(config.seed)
    model = build_model(graph, config.name)
    metrics = keras_metrics(section.loss.task, graph.bound, config.certify.radii, section.metrics)
    model.compile(
        optimizer=keras_optimizer(section.optimizer),
        loss=keras_loss(section.loss, graph, model),
        metrics=metrics,
        jit_compile=False,
    )
    run = create_run_folder(output, config.name)
    write_text(run.config, checked.source.text)
    write_text(run.resolved, dump_config(config, graph, [finding.rule for finding in checked.suppressed]))
    write_json(run.environment, describe_environment(config.seed, config.folder))
    history = _fit(model, job, dataset, run, quiet=quiet)
    write_whole(run.model, model.save)
    return Run(run, model, history.rows)


def _job(config: Config, graph: Graph) -> _Job:
    data, train_section = require_sections(config)
    return _Job(config, graph, data, train_section)


def _fit(model: keras.Model, job: _Job, dataset: Dataset, run: RunFolder, *, quiet: bool) -> History:
    section = job.train
    steps = math.ceil(len(dataset.train) / section.batch_size)
    watched = "validation" if dataset.validation is not None else "test"
    history = History(run.metrics, run.checkpoint)
    progress = Progress(section.epochs, steps, watched, quiet=quiet)
    learnt = dataset.train
    streamed = learnt.augmentation is not None or not learnt.in_memory
    try:
        with read_errors():
            model.fit(
                learnt.batches(
                    section.batch_size, epochs=range(section.epochs), seed=job.config.seed, augment=True
                )
                if streamed
                else learnt.x,
                None if streamed else learnt.y,
                sample_weight=None if streamed else learnt.weights,
                batch_size=None if streamed else section.batch_size,
                shuffle=not streamed,
                steps_per_epoch=steps if streamed else None,
                epochs=section.epochs,
                validation_data=(dataset.watched.x, dataset.watched.y),
                validation_batch_size=max(section.batch_size, 1024),
                callbacks=[StopAtNan(), CondenseCallback(), history, progress],
                verbose=0,
            )
    finally:
        progress.close()
    return history
