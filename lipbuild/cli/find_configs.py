from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from lipbuild.errors import UnusableError

_ENDINGS = (".yaml", ".yml")
# Of a text that cannot be read as YAML.
_MODEL, _LAYERS = re.compile(r"^[{ ]*['\"]?model['\"]?[ \t]*:", re.MULTILINE), re.compile(r"\blayers\b")


class Found(NamedTuple):
    """The configs that paths stand for.

    Attributes:
        configs: The files that are configs, as far as can be seen from outside, and those that were named.
        others: How many files of the folders are of other programs.
    """

    configs: list[Path]
    others: int


def find_configs(paths: Iterable[Path], exclude: Sequence[str] = ()) -> Found:
    """The configs that paths stand for: a file is itself, a folder every config in a `*.yaml` or `*.yml` file in it.

    Hidden folders are passed over, each file comes once, and those of a folder are in the order of their names.

    Args:
        paths: Files and folders.
        exclude: Patterns of files and folders that are left out, by their names or their paths, such as `old` or
            `tests/*.yaml`. A file that is named itself is not.

    Raises:
        UnusableError: A folder holds no config.
    """
    found: dict[Path, None] = {}
    others = 0
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        inside = list(yaml_files(path, exclude))
        configs = [file for file in inside if _is_config(file)]
        others += len(inside) - len(configs)
        if not configs:
            why = f": its {len(inside)} YAML files have no `model` with `layers`" if inside else ""
            hint = "name a file to check it all the same" if inside else "configs end in `.yaml` or `.yml`"
            raise UnusableError(f"{path}: this folder holds no config{why}", hint)
        found.update(dict.fromkeys(configs))
    return Found(list(found), others)


def yaml_files(path: Path, exclude: Sequence[str] = ()) -> Iterator[Path]:
    """The YAML files of a folder, whatever they are of.

    Args:
        path: The folder.
        exclude: Patterns of files and folders that are left out.
    """

    def is_taken(folder: str, name: str) -> bool:
        whole = (Path(folder) / name).relative_to(path).as_posix()
        return not name.startswith(".") and not any(
            fnmatch(name, pattern.rstrip("/")) or fnmatch(whole, pattern.rstrip("/")) for pattern in exclude
        )

    for folder, folders, names in os.walk(path):
        # The walk continues in the folders that stay in this list.
        folders[:] = sorted(name for name in folders if is_taken(folder, name))
        for name in sorted(names):
            if name.endswith(_ENDINGS) and is_taken(folder, name):
                yield Path(folder) / name


def _is_config(path: Path) -> bool:
    """Whether a file is a config rather than another program's: a parent, or a model of layers, perhaps misspelt."""
    from lipbuild.errors import LipbuildError
    from lipbuild.text.load import read
    from lipbuild.text.nodes import Mapping, Scalar
    from lipbuild.text.parse import parse
    from lipbuild.text.suggest import nearest

    try:
        source = read(path)
    except LipbuildError:
        # Why it cannot be read is said when it is checked.
        return True
    root = parse(source).root
    if root is None:
        return _MODEL.search(source.text) is not None and _LAYERS.search(source.text) is not None
    if not isinstance(root, Mapping):
        return False
    parent = root.get("extends")
    if parent is not None and any(ending in parent.span.text for ending in _ENDINGS):
        return True
    models = [entry.value for entry in root if nearest(entry.name, ("model",))]
    layers = [
        entry.value
        for model in models
        if isinstance(model, Mapping)
        for entry in model
        if nearest(entry.name, ("layers",))
    ]
    # Elsewhere `layers` is often a number, or numbers.
    return any(
        not isinstance(part, Scalar) or isinstance(part.value, str)
        for value in layers
        for part in getattr(value, "items", (value,))
    )
