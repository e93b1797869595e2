from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from lipbuild.diagnostics.printable import printable


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
            "--template",
            "-t",
            help="What the network is: dense, convolutional, for two classes (HKR), for a number, for a CSV table.",
        ),
    ] = Template.mlp,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="For `--template table`: the CSV file. Its columns are written into the config.",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="COLUMN",
            help="For `--template table`: the column to predict. Default: the last one.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> int:
    """Write a commented config to start from.

    Example:
        lipbuild init config.yaml
        lipbuild init config.yaml --template table --data prices.csv --target price
    """
    from lipbuild.diagnostics.printable import escaped
    from lipbuild.errors import UnusableError

    if (data is not None or target is not None) and template is not Template.table:
        raise UnusableError("`--data` and `--target` are for a table", "add `--template table`")
    if target is not None and data is None:
        raise UnusableError("`--target` names a column of a table", "name the table with `--data`")
    if path.is_dir():
        raise UnusableError(f"{path}: this is a folder", f"name a file in it, like {path / 'config.yaml'}")
    if path.exists() and not force:
        raise UnusableError(f"{path}: it exists already", "name another file, or use `--force`")
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
    print(printable(f"wrote {path}; next: lipbuild check {quote(str(path))}"))
    return 0
