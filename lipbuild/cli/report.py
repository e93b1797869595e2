from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The page. Default: `report.html` in the run folder."
        ),
    ] = None,
) -> int:
    """Write the report of a run as one HTML file.

    Example:
        lipbuild report runs/config-TIME
    """
    from lipbuild.api.report import report as write_report

    print(write_report(run, output))
    return 0
