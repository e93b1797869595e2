"""What the distributions need: read from `pyproject.toml`, where alone it is written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

BUILD: list[str] = PROJECT["build-system"]["requires"]

# What check, rules, schema, init, lsp and verify need.
LIGHT = ("h5py", "numpy", "pydantic", "pygls", "pyyaml", "typer")


def name_of(requirement: str) -> str:
    """The package that a requirement names."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None, requirement
    return found[0].lower()


def requirements() -> list[str]:
    """What a training needs."""
    return list(PROJECT["project"]["dependencies"])


def light_requirements() -> list[str]:
    """What the light commands need, of the same versions."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    known = [*requirements(), *(one for extra in extras for one in extra)]
    return sorted({one for one in known if name_of(one) in LIGHT})


def lowest(requirement: str) -> str:
    """A requirement of the lowest version that it allows: `pydantic>=2.8,<3` becomes `pydantic==2.8`."""
    versions, _, marker = requirement.partition(";")
    pinned = re.sub(r">=([^,\s]+).*", r"==\1", versions)
    return f"{pinned}; {marker.strip()}" if marker else pinned
