from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipbuild.cli.options import KnownOnly, Overrides
from lipbuild.cli.result import ResultFormat, refuse
from lipbuild.errors import UnusableError

if TYPE_CHECKING:
    from lipbuild.training.listeners.listener import Listener


def train(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CONFIG]",
            help="The config, `-` for standard input; that of the run where one is resumed.",
            show_default=False,
        ),
    ] = None,
    set_: Overrides = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder in which the run folder is made.")
    ] = Path("runs"),
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run folder itself. A training that it holds is gone on with, so that the same command can be "
            "given again.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            help="Go on with the training of a run folder, from its last checkpoint.",
        ),
    ] = None,
    known_only: KnownOnly = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Take one batch through everything (data, step, checkpoint, proof, export) and keep nothing.",
        ),
    ] = False,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Profile some steps, for TensorBoard, and print where time goes."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    format: Annotated[
        ResultFormat,
        typer.Option("--format", "-f", help="Progress for people, or one JSON object a line for programs."),
    ] = ResultFormat.text,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard files into the run folder too.")
    ] = False,
    mlflow: Annotated[
        bool, typer.Option("--mlflow", help="Record the training in MLflow too (needs lipbuild[mlflow]).")
    ] = False,
    serve: Annotated[
        str | None,
        typer.Option(
            "--serve",
            metavar="[HOST:PORT]",
            help="Show the training in a browser while it runs; at 127.0.0.1:8008 where no address is given.",
        ),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT,…",
            help="All processes of a distributed training, in the same order for each.",
        ),
    ] = None,
    index: Annotated[
        int | None, typer.Option(metavar="I", help="Which of the workers this process is, from 0.")
    ] = None,
) -> int:
    """Train the network of a config: seeds set, every kernel constrained at every step, a run folder written."""
    from lipbuild.cli.read_config import read_config
    from lipbuild.cli.show import show_before_training
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.rules.check import Accepted, check
    from lipbuild.training.begun import check_begun
    from lipbuild.training.distribution.cluster import cluster_from_environment, cluster_of
    from lipbuild.training.lease import refuse_held
    from lipbuild.training.run_folder import RunFolder, check_run_name, open_run_folder

    if resume is not None and run is not None:
        raise UnusableError("`--resume` and `--run` both name a run folder", "give one of them")
    if known_only and resume is None and run is None:
        raise UnusableError(
            "`--known-only` is about the data of a training that goes on", "name it by `--resume` or `--run`"
        )
    if run is not None:
        check_run_name(run)
    cluster = cluster_of(workers.split(",") if workers is not None else (), index)
    if resume is not None:
        begun = open_run_folder(resume, trained=False)
    if config is not None:
        checked = check(read_config(config), set_ or [])
    elif resume is not None:
        checked = check_begun(begun, set_ or [])
    else:
        raise UnusableError("there is no config", "name one: `lipbuild train CONFIG`")
    show_before_training(checked)
    if not isinstance(checked, Accepted):
        return refuse(checked, format)
    cluster = cluster or cluster_from_environment()
    if cluster is not None and len(cluster.workers) > 1:
        others = ", ".join(worker for i, worker in enumerate(cluster.workers) if i != cluster.index)
        role = "the chief, which writes" if cluster.is_chief else "the chief shows the progress"
        print(f"worker {cluster.index} ({role}): waiting for {others}", file=sys.stderr, flush=True)
    elif (named := resume or run) is not None and not dry_run:
        # Found before TensorFlow is loaded, for which one would wait in vain.
        refuse_held(RunFolder(named))
    if not quiet and "tensorflow" not in sys.modules:
        print("loading TensorFlow", file=sys.stderr, flush=True)
    load_tensorflow()
    from lipbuild.training.options import TrainOptions

    options = TrainOptions(
        output=output,
        folder=resume or run,
        resume=resume is not None,
        quiet=quiet,
        log_format=format.value,
        tensorboard=tensorboard,
        mlflow=mlflow,
        profile=profile,
        cluster=cluster,
        known_only=known_only,
    )
    if dry_run:
        from lipbuild.api.dry_run import dry_run as try_out

        try_out(checked, options, print)
        return 0
    from lipbuild.reporting.live.report_file import ReportFile
    from lipbuild.training.train import train as run_training

    listeners: list[Listener] = [ReportFile()]
    if serve is not None and (cluster is None or cluster.is_chief):
        from lipbuild.cli.address import address
        from lipbuild.reporting.live.live_page import LivePage

        host, port = address(serve)
        listeners.append(LivePage(host, port, lambda text: print(text, file=sys.stderr, flush=True)))
    done = run_training(checked, options, listeners)
    if quiet:
        # Whoever wants no progress is to know these all the same.
        from lipbuild.training.warn import warn

        baseline = done.baseline.remark if done.baseline is not None else ""
        for line in (*done.remarks, *([baseline] if baseline else [])):
            warn(line)
    if done.profile is not None and format is ResultFormat.text:
        from lipbuild.cli.profile_table import profile_table

        print(profile_table(done.profile))
    if done.is_written and format is ResultFormat.text:
        print(done.folder.path)
    return 0
