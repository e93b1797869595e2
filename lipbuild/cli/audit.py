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
            metavar="MODEL",
            help="A `.keras` or a `.h5` file, an export, or a run folder.",
            show_default=False,
        ),
    ],
    lipschitz: Annotated[
        float | None,
        typer.Option(
            "--lipschitz", "-l", min=0.0, metavar="L", help="The largest allowed Lipschitz constant (L2)."
        ),
    ] = None,
    input_shape: Annotated[
        str | None,
        typer.Option(
            "--input-shape",
            metavar="N,N,…",
            help="The shape of one sample if the model does not fix it, like 224,224,3.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="PATH",
            help="Check whether a file or a folder holds the data that the run was trained on.",
            show_default=False,
        ),
    ] = None,
    known_only: KnownOnly = False,
    format: FormatOption = ResultFormat.text,
) -> int:
    """Find what is proved about any Keras model or export, and what to change.

    Shows a proved bound of each layer, or the reason why there is none.

    The exit status is 1 if the model has no proved constant, or one above `--lipschitz`, or if an export contradicts
    its own metadata.

    Example:
        lipbuild audit model.keras --lipschitz 1
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
                f"`--input-shape {input_shape}`: whole numbers separated by commas are needed",
                "write it like 224,224,3",
            ) from None
    found = audit_run(model, shape, load_tensorflow, data=data, known_only=known_only)
    if format is ResultFormat.json:
        print_json("audit", found.as_json())
    else:
        print(audit_table(found, lipschitz))
    within = found.lipschitz is not None and (lipschitz is None or found.lipschitz <= lipschitz)
    return 0 if within and not found.contradictions else 1
