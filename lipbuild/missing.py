"""What to say of a package that is not installed."""

from __future__ import annotations

import re

from lipbuild.errors import UnusableError

# What a training needs beyond the light commands: by the module that is imported, the package.
_TRAINING = {
    "tensorflow": "tensorflow",
    "keras": "keras",
    "sklearn": "scikit-learn",
    "jinja2": "jinja2",
    "markupsafe": "markupsafe",
    "PIL": "pillow",
}
_OTHERS = {
    "h5py": "h5py",
    "numpy": "numpy",
    "pydantic": "pydantic",
    "yaml": "pyyaml",
    "typer": "typer",
    "flint": "python-flint",
    "pygls": "pygls",
    "lsprotocol": "pygls",
}


def missing_package(error: ModuleNotFoundError) -> UnusableError | None:
    """The error of a package that is not installed, with the command that installs it.

    Of the packages that a training needs all that are missing are named at once.

    Args:
        error: What importing a module raised.

    Returns:
        The error; None where the module is of no package that lipbuild needs.
    """
    from importlib.util import find_spec

    module = (error.name or "").split(".")[0]
    package = {**_TRAINING, **_OTHERS}.get(module)
    if package is None or find_spec(module) is not None:
        # A package that is there and lacks a part is broken, which is another message.
        return None
    wanted = [package]
    if module in _TRAINING:
        wanted = [name for each, name in _TRAINING.items() if find_spec(each) is None]
    stated = _stated()
    shown = " ".join(f"'{stated[name]}'" if name in stated else name for name in wanted)
    return UnusableError(f"the package `{package}` is not installed", f"pip install {shown}")


def install_command(extra: str) -> str:
    """The command that installs the packages of an extra.

    It names the packages themselves: lipbuild is not on a package index, where somebody else could take its name.
    """
    marked = re.compile(rf".*;.*\bextra == ['\"]{extra}['\"].*")
    packages = dict.fromkeys(_requirement(line) for line in _lines() if marked.fullmatch(line))
    if not packages:
        return f"pip install '.[{extra}]' in the checkout"
    return f"pip install {' '.join(repr(package) for package in packages)}"


def _stated() -> dict[str, str]:
    """What the installed distribution says of the versions that it needs: by the package, `keras>=3.12`."""
    stated: dict[str, str] = {}
    for line in _lines():
        requirement = _requirement(line)
        found = re.match(r"[A-Za-z0-9._-]+", requirement)
        if found is not None:
            stated.setdefault(found[0].lower(), requirement)
    return stated


def _requirement(line: str) -> str:
    return line.partition(";")[0].replace(" ", "")


def _lines() -> list[str]:
    """The requirements of the distributions of lipbuild that are installed, but for each other."""
    from importlib.metadata import PackageNotFoundError, requires

    lines: list[str] = []
    for distribution in ("lipbuild", "lipbuild-core"):
        try:
            stated = requires(distribution) or []
        except PackageNotFoundError:
            continue
        lines += [line for line in stated if not line.startswith("lipbuild")]
    return lines
