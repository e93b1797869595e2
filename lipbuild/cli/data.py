from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides
from lipbuild.diagnostics.dump_json import dump_json


class Form(str, Enum):
    """How the report is written."""

    text = "text"
    json = "json"


def data(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The config.", show_default=False)],
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
    format: Annotated[Form, typer.Option("--format", "-f", help="How the report is written.")] = Form.text,
) -> int:
    """Show what a config's data contains and how far apart classes are.

    The exit status is 1 if samples contain NaN or infinity, or if a class has no training sample.

    Example:
        lipbuild data config.yaml
    """
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.rules.check import check
    from lipbuild.text.load import read

    checked = check(read(config), set_ or []).config
    if checked is not None and checked.data is not None and checked.data.source.needs_tensorflow:
        load_tensorflow()
    from lipbuild.api.describe_data import describe_data

    report = describe_data(config, set_ or [], samples)
    if format is Form.json:
        print(dump_json(report.as_json()))
    else:
        from lipbuild.cli.data_table import data_table

        print(data_table(report))
    return 1 if report.wanting else 0
