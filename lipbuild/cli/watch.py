from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from lipbuild.cli.find_configs import yaml_files
from lipbuild.errors import LipbuildError, UnusableError

_SECONDS = 0.3


def watch_files(
    paths: Sequence[Path], action: Callable[[], int], files: Callable[[], Iterable[Path]]
) -> NoReturn:
    """Do something now and whenever a file changes; until interrupted.

    Args:
        paths: The files, and folders whose new files count too.
        action: What is done.
        files: The files that it read, those beside the paths too.

    Raises:
        UnusableError: A file is not there at the start, or is standard input.
        KeyboardInterrupt: The user has had enough.
    """
    if Path("-") in paths:
        raise UnusableError("standard input cannot be watched", "name a file or a folder")
    before: dict[Path, float] | None = None
    while True:
        now = _times([*_there(paths), *files()])
        if now != before:
            first = before is None
            if sys.stdout.isatty():
                print("\033[2J\033[H", end="")
            try:
                action()
            except LipbuildError as error:
                if first:
                    raise
                # A file that an editor is just replacing; it will be there again.
                print(f"error: {error.message}", file=sys.stderr)
            # Files that changed while they were read are checked again.
            before = {**_times([*_there(paths), *files()]), **now}
            count = f"{len(before)} file{'s' if len(before) > 1 else ''}"
            print(f"watching {count}; Ctrl-C ends", file=sys.stderr, flush=True)
        time.sleep(_SECONDS)


def _there(paths: Sequence[Path]) -> list[Path]:
    """The files that the paths stand for now."""
    return [file for path in paths for file in (yaml_files(path) if path.is_dir() else (path,))]


def _times(files: Iterable[Path]) -> dict[Path, float]:
    """When each file was changed last; 0 where it is not there."""
    times: dict[Path, float] = {}
    for file in files:
        try:
            times[file] = file.stat().st_mtime
        except OSError:
            times[file] = 0.0
    return times
