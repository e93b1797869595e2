from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly, Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    radius: Annotated[
        list[float] | None,
        typer.Option(
            "--radius",
            "-r",
            min=0.0,
            help="An L2 radius in the units of the data. May be given several times.",
        ),
    ] = None,
    attack: Annotated[
        bool, typer.Option("--attack/--no-attack", help="Attack some of the samples, or none.")
    ] = True,
    attack_samples: Annotated[
        int, typer.Option("--attack-samples", min=1, help="How many samples are attacked.")
    ] = 100,
    attack_steps: Annotated[
        int, typer.Option("--attack-steps", min=1, help="The steps of the attack's refinement.")
    ] = 50,
    attack_restarts: Annotated[
        int, typer.Option("--attack-restarts", min=0, help="How often it starts anew from a random point.")
    ] = 1,
    plots: Annotated[
        bool | None,
        typer.Option(
            "--plots/--no-plots",
            help="Write the report's charts as files too, or not; written where the extra `plots` is installed if left "
            "out.",
            show_default=False,
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Show each class, the confusions and the calibration too.")
    ] = False,
    on: Annotated[
        Path | None,
        typer.Option(
            "--on",
            metavar="FILE",
            help="Measure on other data, a file or a folder of the kind that the run's source is.",
            show_default=False,
        ),
    ] = None,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
    set_: Overrides = None,
) -> int:
    """Measure clean, certified and attacked accuracy (or errors) of a trained network on its test data.

    An attack that changes a class inside its certified radius ends with status 1, and the sample is saved.
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
        attack=options if attack else None,
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
    print(f"written to {folder.evaluation}")
    return 0
