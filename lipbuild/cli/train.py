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
            help="The config; `-` is standard input. Default with `--resume`: that of the run.",
            show_default=False,
        ),
    ] = None,
    set_: Overrides = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Where the new run folder is made, named NAME-TIME."
        ),
    ] = Path("runs"),
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run folder itself. Resumes the training in this folder if there is one, so you can repeat the "
            "command after an interruption.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            help="Resume the training in a run folder from its last checkpoint.",
        ),
    ] = None,
    known_only: KnownOnly = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Try everything with one batch (data, step, checkpoint, proof, export), and keep nothing.",
        ),
    ] = False,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Profile a few steps for TensorBoard, and print where the time goes."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    format: Annotated[
        ResultFormat,
        typer.Option("--format", "-f", help="Write progress as text, or as one JSON object per line."),
    ] = ResultFormat.text,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write TensorBoard files into the run folder.")
    ] = False,
    mlflow: Annotated[
        bool, typer.Option("--mlflow", help="Also record the training in MLflow (needs the extra `mlflow`).")
    ] = False,
    serve: Annotated[
        str | None,
        typer.Option(
            "--serve",
            metavar="[HOST:PORT]",
            help="Show the training in a browser while it runs. Default address: 127.0.0.1:8008.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="HOST:PORT,…",
            help="Train on several machines: the addresses of all processes, in the same order for each process.",
        ),
    ] = None,
    index: Annotated[
        int | None,
        typer.Option(metavar="I", help="With `--cluster`: the position of this process in it, from 0."),
    ] = None,
) -> int:
    """Train the network of a config, and write a run folder.

    Kernels are constrained throughout the training, seeds are set, and each epoch's metrics are recorded.

    Example:
        lipbuild train config.yaml
        lipbuild train config.yaml --run runs/first --set train.epochs=3
    """
    from lipbuild.cli.read_config import read_config
    from lipbuild.cli.show import show_before_training
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.rules.check import Accepted, check
    from lipbuild.training.begun import check_begun
    from lipbuild.training.distribution.cluster import cluster_from_environment, cluster_of
    from lipbuild.training.lease import refuse_held
    from lipbuild.training.run_folder import RunFolder, check_run_name, open_run_folder

    if resume is not None and run is not None:
        raise UnusableError("`--resume` and `--run` both name a run folder", "use only one of them")
    if known_only and resume is None and run is None:
        raise UnusableError(
            "`--known-only` only applies to a training that is resumed", "name it with `--resume` or `--run`"
        )
    if run is not None:
        check_run_name(run)
    processes = cluster_of(cluster.split(",") if cluster is not None else (), index)
    if resume is not None:
        begun = open_run_folder(resume, trained=False)
    if config is not None:
        checked = check(read_config(config), set_ or [])
    elif resume is not None:
        checked = check_begun(begun, set_ or [])
    else:
        raise UnusableError("there is no config", "name one: `lipbuild train CONFIG`")
    show_before_training(checked, begun=config is None)
    if not isinstance(checked, Accepted):
        return refuse(checked, format)
    processes = processes or cluster_from_environment()
    if processes is not None and len(processes.workers) > 1:
        others = ", ".join(worker for i, worker in enumerate(processes.workers) if i != processes.index)
        role = "the chief, which writes" if processes.is_chief else "the chief shows the progress"
        print(f"worker {processes.index} ({role}): waiting for {others}", file=sys.stderr, flush=True)
    elif (named := resume or run) is not None and not dry_run:
        # Checked before TensorFlow is loaded, so that a mistake is told at once.
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
        cluster=processes,
        known_only=known_only,
    )
    if dry_run:
        from lipbuild.api.dry_run import dry_run as try_out

        try_out(checked, options, print)
        return 0
    from lipbuild.reporting.live.report_file import ReportFile
    from lipbuild.training.train import train as run_training

    listeners: list[Listener] = [ReportFile()]
    if serve is not None and (processes is None or processes.is_chief):
        from lipbuild.cli.address import address
        from lipbuild.reporting.live.live_page import LivePage

        host, port = address(serve)
        listeners.append(LivePage(host, port, lambda text: print(text, file=sys.stderr, flush=True)))
    done = run_training(checked, options, listeners)
    if quiet:
        # These matter even to those who want no progress.
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
