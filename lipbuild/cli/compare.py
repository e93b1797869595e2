from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.result import FormatOption, ResultFormat, print_json

# A whole layer can be longer than any line; the page has all of it.
_WIDEST = 40


def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="The run folders, two or more.", show_default=False)
    ],
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", help="Also write a page with the curves overlaid and the configs side by side."
        ),
    ] = None,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Hold runs side by side: what was measured, and what differs between their configs."""
    from lipbuild.api.compare import compare as compare_runs
    from lipbuild.cli.text_table import text_table
    from lipbuild.training.files import write_text

    comparison = compare_runs(runs)
    if html is not None:
        write_text(html, comparison.html())
    if format is ResultFormat.json:
        print_json("compare", comparison.as_json())
        return 0
    print(text_table(("", *comparison.names), comparison.results, words=1))
    print()
    if comparison.changes:
        words = 1 + len(comparison.names)
        changes = [(key, *map(_cut, values)) for key, *values in comparison.changes]
        print(text_table(("config", *comparison.names), changes, words=words))
    else:
        print("the configs are the same")
    if html is not None:
        print(f"\nwritten to {html}")
    return 0


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
