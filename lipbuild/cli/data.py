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
        int, typer.Option("--samples", min=2, help="How many samples are compared for distances.")
    ] = 5000,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Show what is in a config's data, and how far its classes are apart.

    The status is 1 where samples hold NaN or a class has none to learn from.
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
