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
            help="Configs, or folders of them; `-` is standard input.",
            show_default=False,
        ),
    ],
    set_: Overrides = None,
    format: Annotated[Format, typer.Option("--format", help="How findings are written.")] = Format.full,
    select: Annotated[
        list[str] | None,
        typer.Option(help="Show these rules alone: names, codes, beginnings of codes, groups."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Leave these rules out.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can safely be mended, in the files.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Also make the fixes that change what a network computes.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what the fixes would change, and change nothing.")
    ] = False,
    graph: Annotated[
        Drawing | None,
        typer.Option(
            "--graph",
            metavar="[=table|mermaid|dot]",
            help="Show the network: a table of its layers, or a drawing.",
        ),
    ] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings of each rule.")
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="End with status 0 whatever is found.")
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
    """Check configs against the design rules of Lipschitz networks, and show their layers and constants.

    The status is 1 where an error is found; warnings and remarks stop nothing.
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
