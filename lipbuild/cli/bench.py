from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides
from lipbuild.cli.result import FormatOption, ResultFormat, print_json


def bench(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The config; `-` is standard input.", show_default=False)
    ],
    batch_size: Annotated[
        int | None,
        typer.Option(
            "--batch-size",
            "-b",
            metavar="N",
            min=1,
            help="The samples of a step. Default: those of the config.",
        ),
    ] = None,
    rounds: Annotated[
        int,
        typer.Option(
            "--rounds", metavar="N", min=2, max=10_000, help="How often the two networks take turns."
        ),
    ] = 25,
    layers: Annotated[bool, typer.Option("--layers", help="Also measure each layer by itself.")] = False,
    memory: Annotated[
        bool,
        typer.Option(
            "--memory/--no-memory", help="Also measure memory, each network in a process of its own."
        ),
    ] = True,
    format: FormatOption = ResultFormat.text,
    set_: Overrides = None,
) -> int:
    """Measure speed and memory against the same network in plain Keras.

    Example:
        lipbuild bench config.yaml --layers
    """
    from lipbuild.cli.read_config import read_config
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.rules.check import check

    checked = check(read_config(config), set_ or []).raise_for_errors()
    load_tensorflow()
    from lipbuild.api.bench import bench as measure
    from lipbuild.cli.benchmark_table import benchmark_table

    found = measure(checked, batch_size=batch_size, rounds=rounds, memory=memory, layers=layers)
    if format is ResultFormat.json:
        print_json("bench", found.as_json())
        return 0
    print(benchmark_table(found, checked.graph))
    return 0
