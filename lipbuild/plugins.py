"""What installed packages bring: layers, losses, metrics, rules, sources of data and formats of exports.

A package states them as entry points of the groups `lipbuild.layers`, `lipbuild.losses`, `lipbuild.metrics`,
`lipbuild.rules`, `lipbuild.sources` and `lipbuild.formats`. Nothing of a package is imported before a config names what
it brings, or a list of all is asked for; a config can name no package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from lipbuild.errors import UnusableError

_PREFIX = "lipbuild."


class EntryPoint(NamedTuple):
    """What a package brings under a name.

    Attributes:
        value: `module:name`.
        package: The folder of the package's metadata, which says its name and version.
    """

    value: str
    package: str


def entry_points(group: str) -> dict[str, EntryPoint]:
    """What is installed of a group, by its names.

    Args:
        group: `layers`, `losses`, `metrics`, `rules`, `sources` or `formats`.

    Raises:
        UnusableError: Two packages bring the same name.
    """
    return _all().get(group, {})


def load_entry_point(group: str, name: str) -> Any:
    """What a package brings under a name of a group.

    Raises:
        KeyError: None brings it.
        UnusableError: It cannot be imported.
    """
    entry = entry_points(group)[name]
    return load_named(entry.value, f"the {group.removesuffix('s')} `{name}` of {entry.package}")


def load_named(value: str, what: str) -> Any:
    """An object by `module:name`.

    Raises:
        UnusableError: It cannot be imported; the message begins with `what`.
    """
    module, _, path = value.partition(":")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    # What code that is not ours raises is of any kind.
    except Exception as error:
        raise UnusableError(
            f"{what} cannot be loaded from `{value}`: {type(error).__name__}: {error}",
            "install another version of the package, or remove it",
        ) from None
    return found


@cache
def _all() -> dict[str, dict[str, EntryPoint]]:
    # importlib.metadata takes twenty times as long, most of it for being imported.
    found: dict[str, dict[str, EntryPoint]] = {}
    seen: set[str] = set()
    for folder in _metadata_folders():
        package = os.path.basename(folder).rpartition(".")[0]  # noqa: PTH119
        if package in seen:
            continue
        seen.add(package)
        try:
            with open(f"{folder}/entry_points.txt", encoding="utf-8") as file:  # noqa: PTH123
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        if f"[{_PREFIX}" not in text:
            continue
        for group, name, value in _lines(text):
            known = found.setdefault(group, {})
            if name in known:
                raise UnusableError(
                    f"{known[name].package} and {package} both bring `{name}` of {_PREFIX}{group}",
                    "uninstall one of them",
                )
            known[name] = EntryPoint(value, package)
    return found


def _metadata_folders() -> Iterator[str]:
    for place in sys.path:
        try:
            entries = os.scandir(place or ".")
        except OSError:
            continue
        with entries:
            for entry in entries:
                if entry.name.endswith((".dist-info", ".egg-info")):
                    yield entry.path


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    """The group, the name and the value of each entry of lipbuild's groups."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group.startswith(_PREFIX) and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield group.removeprefix(_PREFIX), name.strip(), value.partition("[")[0].strip()


def forget() -> None:
    """Look anew the next time: a package has been installed while the program runs."""
    _all.cache_clear()
