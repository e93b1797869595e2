from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from lipbuild._version import __version__
from lipbuild.training.run_folder import VERSION

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "pydantic", "PyYAML", "h5py")


def describe_environment(seed: int, folder: Path) -> dict[str, Any]:
    """What a run depends on besides its config: packages, platform, command, git commit and its changes.

    Args:
        seed: The training's seed.
        folder: The config's folder, whose git repository is described.
    """
    return {
        "version": VERSION,
        "lipbuild": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cpus": os.cpu_count(),
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "seed": seed,
        "git": _git(folder),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(folder: Path) -> dict[str, str] | None:
    commit = _ask_git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit.strip(), "diff": _ask_git(folder, "diff", "HEAD") or ""}


def _ask_git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            timeout=10,
            check=True,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
