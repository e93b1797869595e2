"""The run folder of a training: a new one, or that of a training that is resumed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from lipbuild.config.dump import dump_config
from lipbuild.config.sections import TrainSection
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.rules.check import Accepted
from lipbuild.training.assembly import Job
from lipbuild.training.environment import describe_environment, resumed_environment
from lipbuild.training.files import write_json, write_text
from lipbuild.training.lease import take
from lipbuild.training.monitor import Monitor
from lipbuild.training.options import TrainOptions
from lipbuild.training.resume import check_changes
from lipbuild.training.run_data import said_of, write_contract
from lipbuild.training.run_folder import RunFolder, check_run_name, create_run_folder
from lipbuild.training.state_file import Stored, read_state


@dataclass(frozen=True)
class Opened:
    """A run folder, not yet written to.

    Attributes:
        run: The folder; None where it is still to be made under the time's name.
        stored: What its training goes on from; None where there is nothing.
        has_ended: Whether its training has, so that the command has nothing more to do.
    """

    run: RunFolder | None
    stored: Stored | None
    has_ended: bool = False


def take_run(options: TrainOptions, held: ExitStack) -> None:
    """Make the run folder that a command names this process's own, until the context is left.

    Args:
        options: What the command says.
        held: The context.

    Raises:
        HeldError: It belongs to another training.
        UnusableError: It holds something else, or cannot be written.
    """
    if options.folder is not None:
        check_run_name(options.folder)
        held.enter_context(take(RunFolder(options.folder)))


def open_run(options: TrainOptions, job: Job, data: str) -> Opened:
    """Look at the run folder that a command names, and at what it holds. Nothing is written.

    Args:
        options: What the command says.
        job: What is to be trained.
        data: The fingerprint of the data.

    Raises:
        RefusedError: The training that is there is another one, or has ended otherwise than this command asks for.
        UnusableError: There is none, or its checkpoint cannot be read.
    """
    if options.folder is None:
        return Opened(None, None)
    run = RunFolder(options.folder)
    if not run.state.is_file():
        if run.model.is_file() and run.resolved.is_file():
            if not check_changes(run, job.config, job.graph):
                return Opened(run, None, has_ended=True)
        elif not options.resume:
            return Opened(run, None)
        what = "its training was ended before its first checkpoint" if run.resolved.is_file() else ""
        if run.model.is_file():
            what = "its training has ended, and its checkpoint is gone"
        raise UnusableError(
            f"{run.path}: there is no checkpoint to resume from{f': {what}' if what else ''}", "train again"
        )
    result_changes = check_changes(run, job.config, job.graph)
    stored = read_state(run.state)
    if stored.fingerprint != data:
        raise RefusedError(
            f"{run.path}: the training data is not what this training was started with",
            "train again, or say where the data is now with `--set data.source…`",
        )
    has_ended = run.model.is_file() and _is_over(stored, job.section)
    if has_ended and result_changes:
        raise RefusedError(
            f"{run.path}: its training has ended, and `{result_changes[0]}` is another",
            "to train longer, give it more epochs: `--set train.epochs=…`",
        )
    return Opened(run, stored, has_ended)


def _is_over(stored: Stored, section: TrainSection) -> bool:
    """Whether there is no epoch left to train."""
    rows, monitor = stored.state.rows, Monitor(section.monitor, section.early_stopping)
    stopped_early = bool(rows) and section.monitor in rows[0] and monitor.is_over(rows)
    return stopped_early or stored.state.epoch >= section.epochs


def write_run(
    opened: Opened, options: TrainOptions, job: Job, checked: Accepted, about: dict[str, Any], held: ExitStack
) -> RunFolder:
    """Make the folder and write what the training is, or note that it is resumed.

    Args:
        opened: What there is.
        options: Where it goes.
        job: What is trained.
        checked: Its config as it was written.
        about: What the environment says besides.
        held: The context in which the folder belongs to this process.

    Raises:
        UnusableError: It cannot be written.
    """
    run = opened.run
    if run is None:
        run = create_run_folder(options.output, job.config.name)
        held.enter_context(take(run))
    environment = {**describe_environment(job.config.seed, job.config.folder), **about}
    if opened.stored is not None:
        environment = resumed_environment(run, environment, opened.stored.state)
    else:
        write_text(run.config, checked.source.text, durable=True)
    silenced = [finding.rule for finding in checked.suppressed]
    resolved = dump_config(job.config, job.graph, silenced, beside=run.path)
    contract = job.dataset.contract
    if opened.stored is None and contract is not None:
        # With what was fitted to the training part.
        write_contract(run, replace(contract, statement={**contract.statement, **said_of(resolved)}))
    write_text(run.resolved, resolved, durable=True)
    write_json(run.environment, environment, durable=True)
    return run
