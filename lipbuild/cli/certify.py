from __future__ import annotations

import shlex
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly
from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable


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
            metavar="FILE",
            help="The samples to certify: a `.npz` file with `x` and `y`. Default for a run: its test data.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The certificate. Default: `certificate.json` in the run folder, or beside the model.",
        ),
    ] = None,
    semantics: Annotated[
        Semantics,
        typer.Option(
            help="What the radii hold for: the function in exact arithmetic, the network served in float32, or a "
            "network behind the guard of `lipbuild predict`."
        ),
    ] = Semantics.real,
    exact: Annotated[
        bool, typer.Option("--exact", help="Prove in integers (needs the extra `exact`).")
    ] = False,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Prove the Lipschitz constant of a model, and write a certificate.

    The constant is proved from the weights. A certificate is about a plain Keras network: the `plain.keras` of a run,
    or the plain form of a model with lipbuild layers, which is written beside the certificate.

    Example:
        lipbuild certify runs/config-TIME
        lipbuild certify model.keras --data test.npz
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
        made = f"it is of {certified.model}, the plain form of {certified.made_from}, written with it"
        print(printable(made))
    print(printable(f"written to {certified.path}"))
    words = [target, *([] if output is None else [output]), *([] if data is None else ["--data", data])]
    print(printable(f"next: lipbuild verify {shlex.join(map(str, words))}"))
    return 0
