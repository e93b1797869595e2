"""The names under which files and folders are written until they are complete."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

_NAME = re.compile(r"\.(?:.*\.)?partial-[0-9a-f]{32}(?:\..*)?", re.DOTALL)


def partial_path(path: Path, token: str = "") -> Path:
    """Where a file is written before it is renamed: beside its place, hidden, with the same ending.

    Args:
        path: Where it shall be.
        token: 32 hexadecimal digits that tell the writer from all others, on every machine; random ones where left out.
    """
    return path.with_name(f".{path.stem}.partial-{token or uuid4().hex}{path.suffix}")


def partial_folder(parent: Path) -> Path:
    """Where several files are made before they are renamed into a folder: a hidden folder in it."""
    return parent / f".partial-{uuid4().hex}"


def is_partial(path: Path) -> bool:
    """Whether a file or a folder has such a name: a user's own `.partial-notes` has not."""
    return _NAME.fullmatch(path.name) is not None
