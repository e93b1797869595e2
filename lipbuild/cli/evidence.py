from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable


def evidence(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The folder that is written. Default: `evidence` in the run folder.",
        ),
    ] = None,
    export: Annotated[
        list[Path] | None,
        typer.Option(
            "--export",
            metavar="EXPORT",
            help="An export of the run. Can be repeated. Default: those in `exports` in the run folder.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Write what a run and its exports rest on, link by link.

    One page, the same as JSON, and an SBOM of this environment. The links go from the config over the data, the
    training and the certificate to the exports and the self-test of C; each is looked at now.

    Exit status 0: each link holds. 1: one is broken or missing. 3: one holds on a condition that is named.

    Example:
        lipbuild evidence runs/config-TIME --output evidence
    """
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.evidence import evidence as write

    found = write(run, output, export or ())
    if format is ResultFormat.json:
        print_json("evidence", found.as_json())
        return found.status
    for claim in found.claims:
        why = f" ({claim.proof[0]})" if claim.status in ("broken", "missing") and claim.proof else ""
        print(printable(f"{claim.status}: {claim.name}: {claim.says}{why}"))
    print(printable(f"written to {found.path}"))
    return found.status
