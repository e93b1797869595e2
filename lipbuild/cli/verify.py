from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
            "--data", "-d", help="For a `.keras` file: the archive whose radii the certificate states."
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Prove in integers, however the certificate was made.")
    ] = False,
) -> int:
    """Re-prove every number of a certificate from the model's weights, without TensorFlow."""
    from lipbuild.api.verify import verify as prove_again

    verdict = prove_again(model, certificate, data, exact=exact)
    print("\n".join(verdict.lines()))
    if verdict.holds:
        print(f"{certificate}: holds" + (", as far as it was looked at" if verdict.unchecked else ""))
        return 0
    print(f"{certificate}: does not hold")
    return 1
