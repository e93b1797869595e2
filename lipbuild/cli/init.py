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


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The config to write.", show_default=False)],
    template: Annotated[
        Template,
        typer.Option("--template", "-t", help="Dense, convolutional, two classes with HKR, or a number."),
    ] = Template.mlp,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> int:
    """Write a commented config to start from."""
    from lipbuild.errors import UnusableError

    if path.is_dir():
        raise UnusableError(f"{path}: this is a folder", f"name a file in it, like {path / 'config.yaml'}")
    if path.exists() and not force:
        raise UnusableError(f"{path}: there is something already", "name another file, or use `--force`")
    text = (Path(__file__).parent / "templates" / f"{template.value}.yaml").read_text(encoding="utf-8")
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.stem).strip("._-") or "model"
    text = text.replace("{path}", str(path)).replace("{name}", name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be written: {error.strerror or error}") from None
    print(f"wrote {path}; next: lipbuild check {path}")
    return 0
