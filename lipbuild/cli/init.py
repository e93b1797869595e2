from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Template(str, Enum):
    """The configs to start from."""

    mlp = "mlp"
    cnn = "cnn"
    binary = "binary"
    regression = "regression"
    table = "table"


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The config to write.", show_default=False)],
    template: Annotated[
        Template,
        typer.Option(
            "--template", "-t", help="Dense, convolutional, two classes with HKR, a number, or a CSV table."
        ),
    ] = Template.mlp,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="For `table`: the table, whose columns are written out."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="COLUMN",
            help="For `table`: the column to predict; the last one where left out.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> int:
    """Write a commented config to start from."""
    from lipbuild.diagnostics.printable import escaped
    from lipbuild.errors import UnusableError

    if (data is not None or target is not None) and template is not Template.table:
        raise UnusableError("`--data` and `--target` are for a table", "add `--template table`")
    if target is not None and data is None:
        raise UnusableError("`--target` names a column of a table", "name the table with `--data`")
    if path.is_dir():
        raise UnusableError(f"{path}: this is a folder", f"name a file in it, like {path / 'config.yaml'}")
    if path.exists() and not force:
        raise UnusableError(f"{path}: there is something already", "name another file, or use `--force`")
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.stem).strip("._-") or "model"
    if data is not None:
        from lipbuild.cli.table_template import table_config

        text = table_config(data, target, path, name)
    else:
        text = (Path(__file__).parent / "templates" / f"{template.value}.yaml").read_text(encoding="utf-8")
        text = text.replace("{path}", escaped(str(path))).replace("{name}", name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be written: {error.strerror or error}") from None
    print(f"wrote {path}; next: lipbuild check {path}")
    return 0
