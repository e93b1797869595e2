from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly
from lipbuild.diagnostics.dump_json import dump_json


class VerdictFormat(str, Enum):
    """How a verdict is written."""

    text = "text"
    json = "json"


def verify(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|MODEL|EXPORT",
            help="The model's `.keras` file, its run folder, or an exported file or folder.",
            show_default=False,
        ),
    ],
    certificate: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CERTIFICATE]",
            help="The certificate; an export has a statement itself.",
            show_default=False,
        ),
    ] = None,
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
    format: Annotated[
        VerdictFormat, typer.Option("--format", "-f", help="How the verdict is written.")
    ] = VerdictFormat.text,
) -> int:
    """Re-prove every number of a certificate from the model's weights, without TensorFlow.

    An export is read without its runtime: what it states of itself is proved again from the weights and the operations
    in the file, and so are the constants of the radius that it computes.

    Exit status 0: it holds. 1: it does not. 2: it could not be checked. 3: it holds if what is named is believed,
    such as radii whose data was not given.
    """
    from lipbuild.api.verify import verify as prove_again

    verdict = prove_again(model, certificate, data, exact=exact, known_only=known_only)
    if format is VerdictFormat.json:
        print(dump_json(verdict.as_json()))
    else:
        print("\n".join([*verdict.lines(), f"{certificate or model}: {verdict.conclusion}"]))
    return verdict.status
