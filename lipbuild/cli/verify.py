from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly
from lipbuild.cli.result import FormatOption, ResultFormat, print_json
from lipbuild.diagnostics.printable import printable


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
            help="The certificate. Default: the one that `lipbuild certify` writes; an export has its own.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            "-d",
            metavar="FILE",
            help="The certified samples: a `.npz` file with `x` and `y`. Default for a run: its test data.",
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Prove in integers, even if the certificate was not.")
    ] = False,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Prove every number of a certificate again, independently.

    The verifier shares no code with the prover and does not use TensorFlow. An export is read without its runtime, and
    what it states about itself is proved again from its own weights and operations.

    Exit status 0: the certificate holds. 1: it does not. 2: it could not be checked. 3: it holds on a condition that is
    named, such as radii of samples that were not given.

    Example:
        lipbuild verify runs/config-TIME
        lipbuild verify model.keras model.certificate.json --data test.npz
        lipbuild verify model.onnx
    """
    from lipbuild.api.certified_data import certificate_of
    from lipbuild.api.verify import verify as prove_again
    from lipbuild.reading.c_program import is_program
    from lipbuild.verifier.exports.export import is_export

    if certificate is None and not is_export(model) and not is_program(model):
        certificate = certificate_of(model)
    verdict = prove_again(model, certificate, data, exact=exact, known_only=known_only)
    if format is ResultFormat.json:
        print_json("verify", verdict.as_json())
    else:
        print("\n".join([*verdict.lines(), printable(f"{certificate or model}: {verdict.conclusion}")]))
    return verdict.status
