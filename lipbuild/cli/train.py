from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The config.", show_default=False)],
    set_: Overrides = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder in which the run folder is made.")
    ] = Path("runs"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> int:
    """Train the network of a config: seeds set, every kernel constrained at every step, a run folder written."""
    from lipbuild.cli.show import show_diagnostics
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.diagnostics.severity import Severity
    from lipbuild.rules.check import check
    from lipbuild.source.load import read

    checked = check(read(config), set_ or [])
    # `check` is where remarks are read; here they would stand before every training.
    show_diagnostics([d for d in checked.diagnostics if d.severity is not Severity.REMARK], sys.stderr)
    if not checked.ok:
        return 1
    load_tensorflow()
    from lipbuild.training.train import train as run_training

    run = run_training(checked, output, quiet=quiet)
    print(run.folder.path)
    return 0
