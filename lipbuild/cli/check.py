from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides


def check(
    configs: Annotated[
        list[Path],
        typer.Argument(metavar="CONFIG...", help="The configs; `-` is standard input.", show_default=False),
    ],
    set_: Overrides = None,
) -> int:
    """Check configs against the design rules of Lipschitz networks, and show their layers and constants."""
    from lipbuild.cli.layer_table import layer_table
    from lipbuild.cli.show import show_diagnostics
    from lipbuild.rules.check import check as apply_rules
    from lipbuild.source.load import decode, read

    status = 0
    for index, path in enumerate(configs):
        source = decode("<stdin>", sys.stdin.buffer.read()) if str(path) == "-" else read(path)
        checked = apply_rules(source, set_ or [])
        if index:
            print()
        show_diagnostics(checked.diagnostics, sys.stdout)
        if checked.ok and checked.graph is not None:
            graph = checked.graph
            print(layer_table(graph))
            print()
            print(
                f"{source.name}: ok, {graph.parameters:,} parameters, Lipschitz constant at most "
                f"{graph.bound:.6g} of {graph.lipschitz:.6g} promised"
            )
        else:
            status = 1
    return status
