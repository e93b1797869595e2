from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.check_run import CheckRun, Drawing, Format
from lipbuild.cli.options import Overrides


def check(
    configs: Annotated[
        list[Path],
        typer.Argument(
            metavar="CONFIG...",
            help="Configs, or folders that hold configs; `-` is standard input.",
            show_default=False,
        ),
    ],
    set_: Overrides = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="How findings are written.")] = Format.full,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Show only these rules: a name, a code, the beginning of a code (LIP2), or a group (soundness). Can "
            "be repeated.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Do not show these rules. Can be repeated."),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes to the files.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Also apply fixes that change what the network computes.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what the fixes would change, without changing it.")
    ] = False,
    graph: Annotated[
        Drawing | None,
        typer.Option(
            "--graph",
            metavar="[=table|mermaid|dot]",
            help="Show the network as a table of its layers (default), or as a drawing.",
        ),
    ] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings of each rule.")
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with status 0 even if errors are found.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Leave these files and folders of a folder out: names or paths, like `old` or `tests/*.yaml`.",
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file changes.")] = False,
) -> int:
    """Check configs against the design rules, and show the network.

    For one config, its layers are shown with their shapes, parameters and Lipschitz constants.

    The exit status is 1 if an error is found. Warnings and remarks do not change it.

    Example:
        lipbuild check config.yaml
        lipbuild check configs --fix
        lipbuild check config.yaml --set model.lipschitz=2 --graph=mermaid
    """
    run = CheckRun(
        set_ or [],
        select or [],
        ignore or [],
        format,
        graph,
        fix,
        unsafe_fixes,
        diff,
        statistics,
        exclude or [],
    )
    if watch:
        from lipbuild.cli.watch import watch_files

        watch_files(configs, lambda: run(configs), lambda: run.files)
    status = run(configs)
    return 0 if exit_zero else status
