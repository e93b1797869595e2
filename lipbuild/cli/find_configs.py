from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lipbuild.errors import UnusableError

_ENDINGS = (".yaml", ".yml")


def find_configs(paths: Iterable[Path]) -> list[Path]:
    """The configs that paths stand for: a file is itself, a folder every `*.yaml` and `*.yml` in it.

    Hidden folders are passed over, each file comes once, and those of a folder are in the order of their names.

    Raises:
        UnusableError: A folder holds no config.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        inside: list[Path] = []
        for folder, folders, names in os.walk(path):
            # What is left in this list is where the walk goes on.
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            chosen = sorted(name for name in names if name.endswith(_ENDINGS) and not name.startswith("."))
            inside += [Path(folder) / name for name in chosen]
        if not inside:
            raise UnusableError(f"{path}: this folder holds no config", "configs end in `.yaml` or `.yml`")
        found.update(dict.fromkeys(inside))
    return list(found)
