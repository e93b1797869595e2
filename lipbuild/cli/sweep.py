from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json, refuse


def sweep(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The config; `-` is standard input.", show_default=False)
    ],
    set_: Overrides = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder in which the sweep's folder is made.")
    ] = Path("sweeps"),
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            min=0,
            help="How many trials there are, earlier ones counted; as the config says where left out. 0 shows what "
            "there is.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout", min=0.0, metavar="SECONDS", help="Begin no other trial after so many seconds."
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="How many processes work on it on this machine.")
    ] = 1,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the study is stored: an SQLite file, or a PostgreSQL URL that several machines share. A file "
            "in the sweep's folder where left out.",
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The name of the sweep and of its folder; the config's where left out."
        ),
    ] = None,
    pick: Annotated[
        str | None,
        typer.Option(
            metavar="OBJECTIVE|TRIAL",
            help="Of several objectives, the one whose best trial, or the number of the trial, whose config becomes "
            "best.yaml.",
        ),
    ] = None,
    plots: Annotated[
        bool | None,
        typer.Option(
            "--plots/--no-plots",
            help="Draw sweep.svg and sweep.png, or not; drawn where the extra `plots` is installed if left out.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not tell of trials as they end.")] = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Train a config with many values of its keys, as its `sweep` section says, and write the best config out.

    The same command goes on with a sweep that was interrupted. Every trial is a run folder, measured on the validation
    share.
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
        print(f"written to {done.sweep.folder}")
    if done.problem is not None:
        raise done.problem
    return 0
