from __future__ import annotations

import os
import sys

_LEAST = 40


def terminal_width() -> int:
    """The columns of the terminal, or those that `COLUMNS` says; 80 if there is neither, as in a pipe.

    As `shutil.get_terminal_size` finds it, whose module takes as long to load as a config takes to be checked.
    """
    columns = 0
    if os.environ.get("COLUMNS", "").isdecimal():
        columns = int(os.environ["COLUMNS"])
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except (AttributeError, ValueError, OSError):
            columns = 0
    return max(columns or 80, _LEAST)
