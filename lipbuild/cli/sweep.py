from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json, refuse
from lipbuild.diagnostics.printable import printable


def sweep(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The config; `-` is standard input.", show_default=False)
    ],
    set_: Overrides = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the sweep's folder is made.")
    ] = Path("sweeps"),
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            metavar="N",
            min=0,
            help="The total number of trials, including finished ones. Default: `sweep.trials` of the config. 0 trains "
            "nothing and shows the results so far.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Start no new trial after this time."),
    ] = None,
    workers: Annotated[
        int,
        typer.Option("--workers", "-w", metavar="N", min=1, help="The number of processes on this machine."),
    ] = 1,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where trials are stored: an SQLite file, or a PostgreSQL database that several machines share. "
            "Default: a file in the sweep's folder.",
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The name of the sweep and of its folder. Default: the name of the config."
        ),
    ] = None,
    pick: Annotated[
        str | None,
        typer.Option(
            metavar="OBJECTIVE|TRIAL",
            help="Which trial becomes best.yaml if there are several objectives: the best one by this objective, or "
            "the trial of this number.",
        ),
    ] = None,
    plots: Annotated[
        bool | None,
        typer.Option(
            "--plots/--no-plots",
            help="Draw sweep.svg and sweep.png, or do not. Default: draw them if the extra `plots` is installed.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Train many variants of a config, and write the best one.

    The `sweep` section of the config says which keys vary and what is best. Every trial is a run folder, measured on
    the validation part. Repeat the command to continue an interrupted sweep.

    Example:
        lipbuild sweep config.yaml --trials 20
    """
    from lipbuild.cli.read_config import read_config
    from lipbuild.cli.show import show_before_training
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.data.permission import code_is_allowed
    from lipbuild.rules.check import Accepted, check

    checked = check(read_config(config), set_ or [])
    show_before_training(checked)
    if not isinstance(checked, Accepted):
        return refuse(checked, format)
    from lipbuild.sweeping.setting import make_setting

    setting = make_setting(
        checked,
        set_ or [],
        output,
        trials=trials,
        timeout=timeout,
        storage=storage,
        study=study,
        quiet=quiet,
        allow_code=code_is_allowed(),
    )
    load_tensorflow()
    from lipbuild.cli.sweep_table import sweep_table
    from lipbuild.reporting.charts.drawing_file import png_can_be_drawn
    from lipbuild.sweeping.run_sweep import printer, run_sweep, show_nothing

    drawn = png_can_be_drawn() if plots is None else plots
    done = run_sweep(
        setting,
        checked,
        workers=workers,
        pick=pick,
        plots=drawn,
        tell=show_nothing if quiet else printer(setting.labels()),
    )
    if format is ResultFormat.json:
        if done.problem is None:
            print_json("sweep", done.sweep.as_json())
    else:
        print(sweep_table(done.sweep))
    if done.sweep.trials and format is ResultFormat.text:
        print(printable(f"written to {done.sweep.folder}"))
    if done.problem is not None:
        raise done.problem
    return 0
