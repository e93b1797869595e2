from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from lipbuild.cli.find_configs import find_configs
from lipbuild.errors import LipbuildError

_SECONDS = 0.5


def watch_files(paths: Sequence[Path], action: Callable[[], int]) -> NoReturn:
    """Do something now and whenever a file, or another in its folder, changes; until interrupted.

    Raises:
        KeyboardInterrupt: The user has had enough.
    """
    before: dict[Path, float] | None = None
    while True:
        now = _times(paths)
        if now != before:
            before = now
            if sys.stdout.isatty():
                print("\033[2J\033[H", end="")
            try:
                action()
            except LipbuildError as error:
                # A file that an editor is just replacing; it will be there again.
                print(f"error: {error.message}", file=sys.stderr)
            print(f"watching {len(now)} files; Ctrl-C ends", file=sys.stderr, flush=True)
        time.sleep(_SECONDS)


def _times(paths: Sequence[Path]) -> dict[Path, float]:
    """When each file was changed last: the configs, and the files beside them, which they may extend."""
    times: dict[Path, float] = {}
    for path in paths:
        folder = path if path.is_dir() else path.parent
        try:
            for found in [path, *find_configs([folder])]:
                times[found] = found.stat().st_mtime if found.is_file() else 0.0
        except (OSError, LipbuildError):
            continue
    return times
