from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

HELP = Path(__file__).parent / "help.txt"
# Below this many columns the option parser wraps its help more narrowly than the file is.
_WIDTH = 80


def run_plain(arguments: Sequence[str]) -> int | None:
    """Run the two commands that have to answer at once, without the option parser; None for all others.

    `lipbuild check CONFIG…` without options, as editors and hooks call it, and `lipbuild --help`, whose text is
    kept in a file (a test holds it against the option parser's). Importing the option parser alone takes as
    long as checking a config.
    """
    if list(arguments) in (["--help"], ["-h"]) and _columns() >= _WIDTH:
        print(HELP.read_text(encoding="utf-8"), end="")
        return 0
    if arguments[:1] == ["check"] and len(arguments) > 1:
        configs = arguments[1:]
        if all(path == "-" or not path.startswith("-") for path in configs):
            from lipbuild.cli.check_run import CheckRun

            return CheckRun()([Path(path) for path in configs])
    return None


def _columns() -> int:
    """The width of the terminal as the option parser takes it."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(1).columns or _WIDTH
    except OSError:
        return _WIDTH
