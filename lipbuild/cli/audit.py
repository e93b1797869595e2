from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import KnownOnly
from lipbuild.cli.result import FormatOption, ResultFormat, print_json


def audit(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="A `.keras` or a `.h5` file, or a run folder.", show_default=False
        ),
    ],
    lipschitz: Annotated[
        float | None,
        typer.Option("--lipschitz", "-l", min=0.0, help="The constant (L2) that the model may have."),
    ] = None,
    input_shape: Annotated[
        str | None,
        typer.Option(
            "--input-shape",
            metavar="N,N,…",
            help="The shape of one sample, where the model leaves it open, like 224,224,3.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="Hold a file or a folder against the data contract of the run: the samples of its training.",
            show_default=False,
        ),
    ] = None,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Look at any trained Keras model: a proved bound of each layer or the reason for none, and what to change.

    The status is 1 where the whole has no proved constant, or one above `--lipschitz`.
    """
    from lipbuild.cli.audit_table import audit_table
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.errors import UnusableError
    from lipbuild.evaluation.audit.audit_run import audit_run

    shape = None
    if input_shape is not None:
        try:
            shape = [int(part) for part in input_shape.split(",")]
        except ValueError:
            raise UnusableError(
                f"`--input-shape {input_shape}`: whole numbers with commas between them are needed",
                "write it like 224,224,3",
            ) from None
    found = audit_run(model, shape, load_tensorflow, data=data, known_only=known_only)
    if format is ResultFormat.json:
        print_json("audit", found.as_json())
    else:
        print(audit_table(found, lipschitz))
    within = found.lipschitz is not None and (lipschitz is None or found.lipschitz <= lipschitz)
    return 0 if within else 1
