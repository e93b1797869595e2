from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides


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
    set_: Overrides = None,
) -> int:
    """Measure clean and certified accuracy (or errors) of a trained network on its test data."""
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.evaluate import evaluate as measure
    from lipbuild.cli.evaluation_table import evaluation_table

    evaluation = measure(run, radius, set_ or [])
    print(evaluation_table(evaluation))
    print()
    print(f"written to {open_run_folder(run).evaluation}")
    return 0
