from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lipbuild.cli.options import Overrides


class Format(str, Enum):
    """The formats, as the option takes them."""

    keras = "keras"
    saved_model = "saved_model"


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.", show_default=False)],
    format_: Annotated[
        list[Format] | None,
        typer.Option(
            "--format", "-f", help="The format; those of the config where left out. May be given twice."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file or folder; `exports` in the run folder where left out."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    set_: Overrides = None,
) -> int:
    """Write a trained network as plain files, each compared with it before it appears."""
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.training.run_folder import open_run_folder

    open_run_folder(run)
    load_tensorflow()
    from lipbuild.api.export import export as write

    formats = None if format_ is None else [chosen.value for chosen in format_]
    exported = write(run, formats, output, set_ or [], overwrite=force)
    for one in exported:
        print(f"{one.format}: {one.path}")
        print(f"  outputs differ from the trained model's by at most {one.difference:.2g}")
        for kernel in one.norms:
            print(f"  {kernel.layer}: spectral norm {kernel.norm:.9f}, at most {kernel.allowed:.9g} allowed")
    return 0
