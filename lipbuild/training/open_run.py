"""The run folder of a training: a new one, or that of a training that goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import yaml

from lipbuild.config.dump import dump_config
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.rules.check import Accepted
from lipbuild.training.assembly import Job
from lipbuild.training.environment import describe_environment
from lipbuild.training.files import write_json, write_text
from lipbuild.training.options import TrainOptions
from lipbuild.training.resume import check_changes
from lipbuild.training.run_data import write_contract
from lipbuild.training.run_folder import RunFolder, check_run_name, create_run_folder
from lipbuild.training.state_file import Stored, read_state


@dataclass(frozen=True)
class Opened:
    """A run folder, not yet written to.

    Attributes:
        run: The folder; None where it is still to be made under the time's name.
        stored: What its training goes on from; None where there is nothing.
    """

    run: RunFolder | None
    stored: Stored | None


def open_run(options: TrainOptions, job: Job, data: str) -> Opened:
    """Look at the run folder that a command names, and at what it holds. Nothing is written.

    Args:
        options: What the command says.
        job: What is to be trained.
        data: The fingerprint of the data.

    Raises:
        RefusedError: The training that is there is another one, or has ended.
        UnusableError: There is none, or its checkpoint cannot be read.
    """
    if options.folder is None:
        return Opened(None, None)
    run = RunFolder(options.folder)
    if not run.state.is_file():
        if options.resume:
            what = "its training was ended before its first checkpoint" if run.resolved.is_file() else ""
            raise UnusableError(
                f"{run.path}: there is no checkpoint to go on from{f': {what}' if what else ''}", "train anew"
            )
        check_run_name(run.path)
        return Opened(run, None)
    check_changes(run, job.config, job.graph)
    stored = read_state(run.state)
    if stored.fingerprint != data:
        raise RefusedError(
            f"{run.path}: the training data is not what this training was started with",
            "train anew, or give the data where it is now by `--set data.source…`",
        )
    if stored.state.epoch >= job.section.epochs and run.model.is_file():
        raise RefusedError(
            f"{run.path}: its training has ended",
            "to train longer, give it more epochs: `--set train.epochs=…`",
        )
    return Opened(run, stored)


def write_run(
    opened: Opened, options: TrainOptions, job: Job, checked: Accepted, about: dict[str, Any]
) -> RunFolder:
    """Make the folder and write what the training is, or note that it goes on.

    Args:
        opened: What there is.
        options: Where it goes.
        job: What is trained.
        checked: Its config as it was written.
        about: What the environment says besides.

    Raises:
        UnusableError: It cannot be written.
    """
    run = opened.run
    if run is None:
        run = create_run_folder(options.output, job.config.name)
    environment = {**describe_environment(job.config.seed, job.config.folder), **about}
    if opened.stored is not None:
        state = opened.stored.state
        before = json.loads(run.environment.read_text(encoding="utf-8"))
        again = {**environment, "epoch": state.epoch + 1, "step": state.step}
        environment = {
            **before,
            "version": environment["version"],
            "resumed": [*before.get("resumed", []), again],
        }
    else:
        write_text(run.config, checked.source.text)
    silenced = [finding.rule for finding in checked.suppressed]
    resolved = dump_config(job.config, job.graph, silenced)
    contract = job.dataset.contract
    if opened.stored is None and contract is not None:
        # With what was fitted to the training part.
        steps = yaml.safe_load(resolved)["data"].get("preprocess", [])
        write_contract(run, replace(contract, statement={**contract.statement, "preprocess": steps}))
    write_text(run.resolved, resolved)
    write_json(run.environment, environment)
    return run
