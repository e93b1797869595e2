"""The training of a config: data, model, loop, run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import keras
import numpy as np

from lipbuild.building.keras_settings import keras_settings
from lipbuild.building.plain import plain_model
from lipbuild.data.baseline import Baseline, classifier_baseline, regressor_baseline
from lipbuild.data.config_data import load_dataset, require_sections
from lipbuild.data.contract.key import new_key
from lipbuild.data.dataset import Dataset
from lipbuild.data.prepare import prepare
from lipbuild.data.read_errors import read_errors
from lipbuild.data.remarks import remarks
from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.reading.file import check_file
from lipbuild.rules.check import Accepted
from lipbuild.training.agreement import check_agreement
from lipbuild.training.assembly import Assembly, Job, assemble, make_job
from lipbuild.training.checkpoints import Checkpoints
from lipbuild.training.distribution.distribution import Distribution, distribute
from lipbuild.training.distribution.lost_worker import lost_workers_reported
from lipbuild.training.files import write_whole
from lipbuild.training.fingerprint import fingerprint
from lipbuild.training.listeners.choose import choose_listeners
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.loop import Loop
from lipbuild.training.monitor import Monitor
from lipbuild.training.one_at_a_time import one_training_at_a_time
from lipbuild.training.open_run import Opened, open_run, take_run, write_run
from lipbuild.training.options import TrainOptions
from lipbuild.training.profile import Profile, Profiler
from lipbuild.training.restore import restore
from lipbuild.training.resume import flat_config
from lipbuild.training.run_data import load_run_data
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.run_html import run_html
from lipbuild.training.seeds import set_seeds
from lipbuild.training.warn import warn


@dataclass(frozen=True, repr=False)
class Run:
    """A training that has ended.

    Attributes:
        folder: Its folder, in the process that writes; the folder that was asked for in others.
        model: The trained Keras model.
        history: The metrics of each epoch.
        dataset: Its data.
        is_written: Whether this process is the one that has written it.
        profile: Where its time went, where that was asked for.
        remarks: What makes its figures mean less than they seem to, in words: samples of other parts in the training
            part, classes that it lacks.
        baseline: What a constant answer reaches on the watched part, in the process that writes.
    """

    folder: RunFolder
    model: keras.Model
    history: Sequence[dict[str, float]]
    dataset: Dataset
    is_written: bool = True
    profile: Profile | None = None
    remarks: tuple[str, ...] = ()
    baseline: Baseline | None = None

    def __repr__(self) -> str:
        """Its folder and how many epochs there were: the model and the data are long to print."""
        return f"Run({str(self.folder.path)!r}, {len(self.history)} epochs)"

    def _repr_html_(self) -> str:
        """The training as a notebook shows it."""
        return run_html(str(self.folder.path), self.history)


@keras_settings()
@one_training_at_a_time()
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
        UnusableError: A file is missing, the folder cannot be written, or another thread trains.
        StoppedError: A signal came.
        InterruptedByOthersError: Another process of the training is lost, or was stopped.
        HeldError: The run folder belongs to another training.
    """
    _, section = require_sections(checked.config)
    # The first thing that TensorFlow is asked for: it cannot be distributed afterwards.
    distribution = distribute(section.strategy, options.cluster)
    with lost_workers_reported(distribution, options.folder), read_errors(), ExitStack() as held:
        if distribution.is_chief:
            take_run(options, held)
        prepared = prepare(checked.config, checked.graph, _dataset(checked, options))
        job = make_job(prepared.config, prepared.graph, prepared.dataset, options.most_steps)
        return _train(job, checked, options, distribution, listeners, held)


def _dataset(checked: Accepted, options: TrainOptions) -> Dataset:
    """The data of a training: split anew at its start, and as before when it is resumed."""
    run = RunFolder(options.folder) if options.folder is not None else None
    if run is not None and run.state.is_file():
        # What there is to be said of it has been.
        dataset = load_run_data(run, checked.config, checked.graph, known_only=options.known_only)
        return replace(dataset, notes=())
    return load_dataset(checked.config, checked.graph, new_key())


def _train(
    job: Job,
    checked: Accepted,
    options: TrainOptions,
    distribution: Distribution,
    more: Sequence[Listener],
    held: ExitStack,
) -> Run:
    data = fingerprint(job.dataset.train)
    opened = open_run(options, job, data) if distribution.is_chief else Opened(None, None)
    parameters = flat_config(job.config, job.graph)
    check_agreement(distribution, config=repr(parameters), data=data)
    set_seeds(job.config.seed)
    assembly = assemble(job, distribution)
    monitor = _monitor(job, assembly)
    state = restore(opened.stored, assembly.tracked, assembly.columns, distribution)
    if distribution.anywhere(opened.has_ended):
        return _ended(job, assembly, opened, options, distribution, state.rows, more)
    about = {"distribution": distribution.describe()}
    run = write_run(opened, options, job, checked, about, held) if distribution.is_chief else None
    said = remarks(job.dataset) if run is not None else ()
    if not options.quiet:
        for line in said:
            warn(line)
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
        schedules=assembly.schedules,
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

    def run_and_compare() -> keras.Model:
        loop.run()
        best = job.section.restore_best_weights
        model = checkpoints.result(best=best)
        if run is not None and job.section.loss.classifies:
            chosen = monitor.best(state.rows) if best else None
            row = state.rows[chosen if chosen is not None else -1]
            compared.append(_baseline(job, model, row))
            for listener in listeners:
                listener.result(compared[0])
        return model

    compared: list[Baseline] = []
    model = _told(listeners, run_and_compare)
    baseline = compared[0] if compared else None
    if baseline is not None and baseline.remark and not options.quiet:
        warn(baseline.remark)
    # The chief writes; nobody leaves before it has.
    distribution.anywhere(False)
    folder = run or RunFolder(options.folder or options.output)
    profile = profiler.profile() if profiler is not None else None
    return Run(folder, model, state.rows, job.dataset, run is not None, profile, said, baseline)


def _baseline(job: Job, model: keras.Model, row: Mapping[str, float]) -> Baseline:
    """What a constant answer reaches on the watched part, beside what the network does."""
    learnt, watched = job.dataset.train.targets, job.dataset.watched
    if job.dataset.class_names:
        names = job.dataset.class_names
        return classifier_baseline(learnt, watched.targets, names, row["val_accuracy"])
    outputs = [np.asarray(model(batch[0], training=False)) for batch in watched.batches(job.measured_at_once)]
    return regressor_baseline(learnt, watched.targets, np.concatenate(outputs))


def _ended(
    job: Job,
    assembly: Assembly,
    opened: Opened,
    options: TrainOptions,
    distribution: Distribution,
    rows: Sequence[dict[str, float]],
    more: Sequence[Listener],
) -> Run:
    """The result of a training that had ended before. What its folder lacks is written, and nothing else."""
    model, run = assembly.measured.model, opened.run
    if run is not None:
        remedy = "remove it: the same command makes it again from the checkpoint"
        check_file(run.model, remedy)
        try:
            model.load_weights(run.model)
        # What Keras raises of a damaged file is of any kind.
        except Exception as error:
            reason = (str(error) or repr(error)).split("\n", 1)[0]
            raise UnusableError(f"{run.model}: it cannot be read: {reason:.200}", remedy) from None
    assembly.measured.set_weights(distribution.from_chief(assembly.measured.weights()))
    if run is not None:
        if not run.plain.is_file():
            write_whole(run.plain, plain_model(model, job.graph).save, durable=True)
        for listener in [*choose_listeners(job.section, options, rows), *more]:
            listener.had_ended(run)
    distribution.anywhere(False)
    return Run(run or RunFolder(options.folder or options.output), model, rows, job.dataset, run is not None)


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
            "hold some samples out, such as `data.validation: 0.1`",
        )
    return monitor
