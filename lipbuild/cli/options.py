"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

KnownOnly = Annotated[
    bool,
    typer.Option(
        "--known-only",
        help="Leave out samples that the training did not know, and do without those that are gone.",
    ),
]

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Lay one value over the config, like train.epochs=3. May be given several times.",
    ),
]
