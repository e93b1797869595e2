from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from lipbuild._version import __version__
from lipbuild.errors import UnusableError
from lipbuild.reading.file import as_written
from lipbuild.reading.json_file import read_json
from lipbuild.training.run_folder import VERSION, RunFolder
from lipbuild.training.training_state import TrainingState
from lipbuild.training.warn import warn

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "pydantic", "PyYAML", "h5py")
# Those whose version decides what a step computes.
_COMPUTING = ("tensorflow", "keras", "numpy")


def describe_environment(seed: int, folder: Path) -> dict[str, Any]:
    """What a run depends on in addition to its config: packages, platform, command, git commit and its changes.

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


def resumed_environment(run: RunFolder, now: dict[str, Any], state: TrainingState) -> dict[str, Any]:
    """What a resumed run depends on: the environment of its start, and the present one.

    It says so where a package has another version than before. Nothing depends on what the file holds: where it is
    damaged, that is said, and a new one begins.

    Args:
        run: The run.
        now: What the training goes on on.
        state: How far it has come.
    """
    again = {**now, "epoch": state.epoch + 1, "step": state.step}
    try:
        before = read_json(run.environment)
        with as_written(run.environment):
            resumed = list(before.get("resumed", []))
            changed = list(_changed(resumed[-1] if resumed else before, now))
    except UnusableError as error:
        warn(f"{error.message}; what the training was started on is not known any more")
        return {**now, "resumed": [again]}
    if changed:
        warn(
            f"the training is resumed with another version of {', '.join(changed)}: its weights can differ in their "
            f"last "
            "digits from those of a training without a break"
        )
    return {**before, "version": now["version"], "resumed": [*resumed, again]}


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """The packages of which there is another version now, with both."""
    for name in ("lipbuild", *_COMPUTING):
        old, new = (where.get(name) or where.get("packages", {}).get(name) for where in (before, now))
        if old is not None and old != new:
            yield f"{name} ({old}, now {new})"


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
