"""The training of a config: data, model, loop, run folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from lipbuild.building.plain import plain_model
from lipbuild.data.config_data import load_dataset, require_sections
from lipbuild.data.contract.key import new_key
from lipbuild.data.dataset import Dataset
from lipbuild.data.prepare import prepare
from lipbuild.data.read_errors import read_errors
from lipbuild.errors import LipbuildError, RefusedError
from lipbuild.rules.check import Accepted
from lipbuild.training.agreement import check_agreement
from lipbuild.training.assembly import Assembly, Job, assemble, make_job
from lipbuild.training.checkpoints import Checkpoints
from lipbuild.training.distribution.distribution import Distribution, distribute
from lipbuild.training.distribution.lost_worker import lost_workers_reported
from lipbuild.training.fingerprint import fingerprint
from lipbuild.training.listeners.choose import choose_listeners
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.loop import Loop
from lipbuild.training.monitor import Monitor
from lipbuild.training.open_run import Opened, open_run, write_run
from lipbuild.training.options import TrainOptions
from lipbuild.training.profile import Profile, Profiler
from lipbuild.training.restore import restore
from lipbuild.training.resume import flat_config
from lipbuild.training.run_data import load_run_data, warn
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.run_html import run_html
from lipbuild.training.seeds import set_seeds


@dataclass(frozen=True)
class Run:
    """A training that has ended.

    Attributes:
        folder: Its folder, in the process that writes; the folder that was asked for in others.
        model: The trained Keras model.
        history: The metrics of each epoch.
        dataset: Its data.
        is_written: Whether this process is the one that has written it.
        profile: Where its time went, where that was asked for.
    """

    folder: RunFolder
    model: keras.Model
    history: Sequence[dict[str, float]]
    dataset: Dataset
    is_written: bool = True
    profile: Profile | None = None

    def _repr_html_(self) -> str:
        """The training as a notebook shows it."""
        return run_html(str(self.folder.path), self.history)


def train(checked: Accepted, options: TrainOptions, listeners: Sequence[Listener] = ()) -> Run:
    """Train the network of a config that has been checked, and write its run folder.

    The data is loaded and every part built before the folder is made, so a config that cannot be trained
    leaves nothing behind.

    Args:
        checked: The config.
        options: What is said of this training besides.
        listeners: Who else is told of it, in the process that writes.

    Raises:
        RefusedError: The data does not fit, or the loss became NaN.
        UnusableError: A file is missing, or the folder cannot be written.
        StoppedError: A signal came.
        InterruptedByOthersError: Another process of the training is lost, or was stopped.
    """
    _, section = require_sections(checked.config)
    # The first thing that TensorFlow is asked for: it cannot be distributed afterwards.
    distribution = distribute(section.strategy, options.cluster)
    with lost_workers_reported(distribution, options.folder), read_errors():
        prepared = prepare(checked.config, checked.graph, _dataset(checked, options))
        job = make_job(prepared.config, prepared.graph, prepared.dataset, options.most_steps)
        return _train(job, checked, options, distribution, listeners)


def _dataset(checked: Accepted, options: TrainOptions) -> Dataset:
    """The data of a training, split anew where it begins and as it was where it goes on."""
    run = RunFolder(options.folder) if options.folder is not None else None
    if run is not None and run.state.is_file():
        return load_run_data(run, checked.config, checked.graph, known_only=options.known_only)
    dataset = load_dataset(checked.config, checked.graph, new_key())
    for note in dataset.notes:
        warn(note)
    return dataset


def _train(
    job: Job,
    checked: Accepted,
    options: TrainOptions,
    distribution: Distribution,
    more: Sequence[Listener],
) -> Run:
    data = fingerprint(job.dataset.train)
    opened = open_run(options, job, data) if distribution.is_chief else Opened(None, None)
    parameters = flat_config(job.config, job.graph)
    check_agreement(distribution, config=repr(parameters), data=data)
    set_seeds(job.config.seed)
    assembly = assemble(job, distribution)
    monitor = _monitor(job, assembly)
    state = restore(opened.stored, assembly.tracked, assembly.columns, distribution)
    about = {"distribution": distribution.describe()}
    run = write_run(opened, options, job, checked, about) if distribution.is_chief else None
    watches = job.dataset.validation is not None
    checkpoints = Checkpoints(
        run,
        job.section.checkpoint,
        assembly.measured,
        assembly.tracked,
        monitor if watches else None,
        data,
        job.section.epochs,
        lambda model: plain_model(model, job.graph),
    )
    if opened.stored is not None:
        checkpoints.best = list(opened.stored.arrays["best"])
    listeners: list[Listener] = []
    profiler = Profiler() if options.profile and run is not None else None
    if run is not None:
        listeners = [*choose_listeners(job.section, options, state.rows), *more]
    if profiler is not None:
        listeners.append(profiler)
    loop = Loop(
        section=job.section,
        steps=assembly.steps,
        counts=(job.steps, job.watched_steps),
        measured=assembly.measured,
        average=assembly.average,
        checkpoints=checkpoints,
        monitor=monitor,
        distribution=distribution,
        listeners=listeners,
        state=state,
    )
    if run is not None:
        plan = Plan(
            run,
            job.config.name,
            job.section.epochs,
            loop.steps_per_epoch,
            "validation" if watches else "test",
            parameters,
            about,
            state.epoch,
            loop.phases,
            assembly.measured.model,
        )
        for listener in listeners:
            listener.start(plan)
    model = _told(listeners, lambda: _run(loop, checkpoints, best=job.section.restore_best_weights))
    # The chief writes; nobody leaves before it has.
    distribution.anywhere(False)
    folder = run or RunFolder(options.folder or options.output)
    profile = profiler.profile() if profiler is not None else None
    return Run(folder, model, state.rows, job.dataset, run is not None, profile)


def _run(loop: Loop, checkpoints: Checkpoints, *, best: bool) -> keras.Model:
    loop.run()
    return checkpoints.result(best=best)


def _told(listeners: Sequence[Listener], action: Callable[[], keras.Model]) -> keras.Model:
    """Do something and tell the listeners how it ended."""
    problem = "it was interrupted"
    try:
        model = action()
        problem = ""
        return model
    except LipbuildError as error:
        problem = error.message
        raise
    finally:
        for listener in listeners:
            listener.end(problem)


def _monitor(job: Job, assembly: Assembly) -> Monitor:
    """What judges the epochs of a training.

    Raises:
        RefusedError: There is no such metric, or nothing that may be judged by.
    """
    section = job.section
    monitor = Monitor(section.monitor, section.early_stopping)
    monitor.check(assembly.columns)
    chosen = "early_stopping" if section.early_stopping is not None else "restore_best_weights"
    if job.dataset.validation is None and (section.early_stopping or section.restore_best_weights):
        raise RefusedError(
            f"`train.{chosen}` needs a validation share: what `lipbuild evaluate` measures on may choose nothing",
            "keep one apart, such as `data.validation: 0.1`",
        )
    return monitor
