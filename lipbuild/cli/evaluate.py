from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly, Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    radius: Annotated[
        list[float] | None,
        typer.Option(
            "--radius",
            "-r",
            metavar="RADIUS",
            min=0.0,
            help="An L2 radius in the units of the data. Can be repeated. Default: `certify.radii` of the config.",
        ),
    ] = None,
    attack: Annotated[
        bool, typer.Option("--attack/--no-attack", help="Attack some of the samples, or do not.")
    ] = True,
    attack_samples: Annotated[
        int, typer.Option("--attack-samples", metavar="N", min=1, help="How many samples are attacked.")
    ] = 100,
    attack_steps: Annotated[
        int, typer.Option("--attack-steps", metavar="N", min=1, help="How many steps refine an attack.")
    ] = 50,
    attack_restarts: Annotated[
        int,
        typer.Option(
            "--attack-restarts", metavar="N", min=0, help="How often an attack restarts from a random point."
        ),
    ] = 1,
    plots: Annotated[
        bool | None,
        typer.Option(
            "--plots/--no-plots",
            help="Also write the report's charts as files, or do not. Default: write them if the extra `plots` is "
            "installed.",
            show_default=False,
        ),
    ] = None,
    details: Annotated[
        bool,
        typer.Option("--details", help="Also show each class, the confusion matrix and the calibration."),
    ] = False,
    on: Annotated[
        Path | None,
        typer.Option(
            "--on",
            metavar="PATH",
            help="Measure on other data: a file or a folder of the same kind as the run's data.",
            show_default=False,
        ),
    ] = None,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
    set_: Overrides = None,
) -> int:
    """Measure the clean, certified and attacked accuracy of a run.

    A regression has errors in place of accuracies. Results are of the run's test data, and are written into the run
    folder.

    If an attack changes a class within the certified radius, the sample is saved and the exit status is 1.

    Example:
        lipbuild evaluate runs/config-TIME
        lipbuild evaluate runs/config-TIME --radius 0.1 --radius 0.5 --details
    """
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    folder = open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.evaluate import evaluate as measure
    from lipbuild.cli.evaluation_details import evaluation_details
    from lipbuild.cli.evaluation_table import evaluation_table
    from lipbuild.evaluation.attack.options import AttackOptions
    from lipbuild.reporting.charts.drawing_file import png_can_be_drawn

    options = AttackOptions(samples=attack_samples, steps=attack_steps, restarts=attack_restarts)
    drawn = png_can_be_drawn() if plots is None else plots
    evaluation = measure(
        run,
        radius,
        set_ or [],
        attack=options if attack else False,
        plots=drawn,
        on=on,
        known_only=known_only,
    )
    if format is ResultFormat.json:
        print_json("evaluate", evaluation.as_json())
        return 0
    print(evaluation_table(evaluation))
    if details:
        print()
        print(evaluation_details(evaluation))
    print()
    print(printable(f"written to {folder.evaluation}"))
    return 0
