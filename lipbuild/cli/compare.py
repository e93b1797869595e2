from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable


def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Two or more run folders.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Also write an HTML page, with the curves overlaid and the configs side by side.",
        ),
    ] = None,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Compare runs: their results and the differences of their configs.

    Example:
        lipbuild compare runs/first runs/second
    """
    from lipbuild.api.compare import compare as compare_runs
    from lipbuild.cli.text_table import text_table
    from lipbuild.diagnostics.terminal_width import terminal_width
    from lipbuild.training.files import write_text

    comparison = compare_runs(runs)
    if output is not None:
        write_text(output, comparison.html())
    if format is ResultFormat.json:
        print_json("compare", comparison.as_json())
        return 0
    print(text_table(("", *comparison.names), comparison.results, words=1))
    print()
    if comparison.changes:
        words = 1 + len(comparison.names)
        # A whole layer can be longer than a line. Two values stand beside their key; the page shows all of them.
        room = max((terminal_width() - max(len(key) for key, *_ in comparison.changes)) // 2 - 2, 16)
        changes = [(key, *(_cut(value, room) for value in values)) for key, *values in comparison.changes]
        print(text_table(("config", *comparison.names), changes, words=words))
    else:
        print("the configs are the same")
    if output is not None:
        print(f"\nwritten to {printable(str(output))}")
    return 0


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
