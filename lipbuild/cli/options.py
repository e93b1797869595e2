"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

KnownOnly = Annotated[
    bool,
    typer.Option(
        "--known-only",
        help="Use only the samples that the training knew: leave out new ones, do without lost ones.",
    ),
]

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Replace one value of the config, like train.epochs=3. Can be repeated.",
    ),
]
