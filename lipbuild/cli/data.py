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
        int, typer.Option("--samples", min=2, help="How many samples are compared for distances.")
    ] = 5000,
    format: Annotated[Form, typer.Option("--format", help="How the report is written.")] = Form.text,
) -> int:
    """Show what is in a config's data, and how far its classes are apart.

    The status is 1 where samples hold NaN or a class has none to learn from.
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
