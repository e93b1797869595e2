from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly
from lipbuild.cli.result import FormatOption, ResultFormat, print_json


class Semantics(str, Enum):
    """What a radius is one of."""

    real = "real"
    float32 = "float32"
    guarded = "guarded"


def certify(
    target: Annotated[
        Path,
        typer.Argument(metavar="RUN|MODEL", help="A run folder, or a `.keras` file.", show_default=False),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            "-d",
            help="The archive (`x`, `y`) whose radii are stated: for a `.keras` file, or in place of a run's data.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The certificate; in the run folder, or beside the model, where left out."
        ),
    ] = None,
    semantics: Annotated[
        Semantics,
        typer.Option(
            help="Radii of the function in exact arithmetic, of the network served in float32, or behind a guard."
        ),
    ] = Semantics.real,
    exact: Annotated[bool, typer.Option("--exact", help="Prove in integers (needs python-flint).")] = False,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Prove a saved model's Lipschitz constant from its weights, and write a certificate.

    A certificate is of a plain network. That of a run is of its `plain.keras`; of a model with layers of lipbuild
    the plain form is written beside the certificate.
    """
    from lipbuild.api.certify import certify as prove
    from lipbuild.cli.certificate_table import certificate_table
    from lipbuild.cli.tensorflow import load_tensorflow

    load_tensorflow()
    certified = prove(target, data, output, semantics=semantics.value, exact=exact, known_only=known_only)
    if format is ResultFormat.json:
        print_json("certify", certified.as_json())
        return 0
    print(certificate_table(certified.statement))
    print()
    if certified.made_from is not None:
        print(f"it is of {certified.model}, the plain form of {certified.made_from}, written with it")
    print(f"written to {certified.path}; next: lipbuild verify {target} {certified.path}")
    return 0
