from __future__ import annotations

import sys


def warn(note: str) -> None:
    """Say on standard error what is to be known and stops nothing."""
    print(f"warning: {note}", file=sys.stderr, flush=True)
