from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly
from lipbuild.cli.result import FormatOption, ResultFormat, print_json


def verify(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|MODEL", help="The model's `.keras` file, or its run folder.", show_default=False
        ),
    ],
    certificate: Annotated[
        Path, typer.Argument(metavar="CERTIFICATE", help="The certificate.", show_default=False)
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            "-d",
            help="The archive whose radii are stated: for a `.keras` file, or in place of a run's data.",
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Prove in integers, however the certificate was made.")
    ] = False,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Re-prove every number of a certificate from the model's weights, without TensorFlow.

    Exit status 0: it holds. 1: it does not. 2: it could not be checked. 3: it holds if what is named is believed,
    such as radii whose data was not given.
    """
    from lipbuild.api.verify import verify as prove_again

    verdict = prove_again(model, certificate, data, exact=exact, known_only=known_only)
    if format is ResultFormat.json:
        print_json("verify", verdict.as_json())
    else:
        print("\n".join([*verdict.lines(), f"{certificate}: {verdict.conclusion}"]))
    return verdict.status
