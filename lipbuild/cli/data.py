from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json


def data(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The config; `-` is standard input.", show_default=False)
    ],
    set_: Overrides = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples",
            metavar="N",
            min=2,
            help="How many samples are compared to find distances between classes.",
        ),
    ] = 5000,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Show what a config's data contains and how far apart classes are.

    The exit status is 1 if samples contain NaN or infinity, or if a class has no training sample.

    Example:
        lipbuild data config.yaml
    """
    from lipbuild.cli.read_config import read_config
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.rules.check import check

    checked = check(read_config(config), set_ or [])
    section = checked.config.data if checked.config is not None else None
    if section is not None and section.source.needs_tensorflow:
        load_tensorflow()
    from lipbuild.api.describe_data import describe_data

    report = describe_data(checked, samples=samples)
    if format is ResultFormat.json:
        print_json("data", report.as_json())
    else:
        from lipbuild.cli.data_table import data_table

        print(data_table(report))
    return 1 if report.wanting else 0
